import { causewayError } from '@causeway/contracts';
import type { SealedFiles } from '@causeway/platform';
import type { Call } from './call.js';

/** How large a file may be, and which setting says so. */
export interface SizeLimit {
  readonly limitBytes: number;
  readonly limitName: string;
}

/** A file that was streamed into the object store, sealed. */
export interface Upload {
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
}

type File = AsyncIterable<Uint8Array> & { readonly truncated: boolean };

/**
 * Streams the multipart field `file` into the object store.
 * Throws REQUEST_INVALID without such a field, PAYLOAD_TOO_LARGE beyond the limit.
 */
export function storeUpload(call: Call, files: SealedFiles, limit: SizeLimit): Promise<Upload> {
  return takeFile(call, async (file, fileName) => {
    const stored = await files.put(file, { ...limit, what: fileName });
    if (file.truncated) throw tooLarge(fileName, stored.bytes, limit);
    return { fileName, ...stored };
  });
}

/** The multipart field `file` in memory, for files whose limit is small. Throws as `storeUpload` does. */
export function readUpload(call: Call, limit: SizeLimit): Promise<{ fileName: string; content: Buffer }> {
  return takeFile(call, async (file, fileName) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of file) {
      bytes += chunk.length;
      if (bytes > limit.limitBytes) throw tooLarge(fileName, bytes, limit);
      chunks.push(chunk);
    }
    return { fileName, content: Buffer.concat(chunks) };
  });
}

async function takeFile<T>(
  { request }: Call,
  take: (file: File, fileName: string) => Promise<T>,
): Promise<T> {
  if (!request.isMultipart()) throw invalid('body: send multipart/form-data with a field named file');
  for await (const part of request.parts()) {
    if (part.type !== 'file') continue;
    if (part.fieldname !== 'file')
      throw invalid(`body.${part.fieldname}: the file goes in a field named file`);
    return await take(part.file, part.filename);
  }
  throw invalid('body: no field named file');
}

function invalid(problems: string): Error {
  return causewayError('REQUEST_INVALID', { problems });
}

function tooLarge(what: string, bytes: number, limit: SizeLimit): Error {
  return causewayError('PAYLOAD_TOO_LARGE', { what, bytes, ...limit });
}
