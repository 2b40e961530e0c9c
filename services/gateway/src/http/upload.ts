import { causewayError } from '@causeway/contracts';
import { ObjectStore } from '@causeway/platform';
import { abandonBody } from './abandon-body.js';
import type { Call } from './call.js';

/** A file that was streamed into the object store. */
export interface Upload {
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Streams the multipart field `file` into the object store.
 * Throws REQUEST_INVALID without such a field, PAYLOAD_TOO_LARGE beyond the limit.
 */
export async function storeUpload(
  call: Call,
  objects: ObjectStore,
  limit: { limitBytes: number; limitName: string },
): Promise<Upload> {
  try {
    return await store(call, objects, limit);
  } catch (error) {
    abandonBody(call);
    throw error;
  }
}

async function store(
  { request }: Call,
  objects: ObjectStore,
  limit: { limitBytes: number; limitName: string },
): Promise<Upload> {
  if (!request.isMultipart())
    throw causewayError('REQUEST_INVALID', {
      problems: 'body: send multipart/form-data with a field named file',
    });
  for await (const part of request.parts()) {
    if (part.type !== 'file') continue;
    if (part.fieldname !== 'file')
      throw causewayError('REQUEST_INVALID', {
        problems: `body.${part.fieldname}: the file goes in a field named file`,
      });
    const stored = await objects.put(part.file, { ...limit, what: part.filename });
    if (part.file.truncated)
      throw causewayError('PAYLOAD_TOO_LARGE', { what: part.filename, bytes: stored.bytes, ...limit });
    return { fileName: part.filename, ...stored };
  }
  throw causewayError('REQUEST_INVALID', { problems: 'body: no field named file' });
}
