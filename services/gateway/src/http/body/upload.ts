import type { Readable } from 'node:stream';
import { causewayError, checkFileName, errorEntry } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { type SealedFiles, log } from '@causeway/platform';
import { Busboy } from '@fastify/busboy';
import { sourceOf } from './body-source.js';
import type { Call } from '../door/call.js';
import { declaredBytes } from './encoded-body.js';
import { boundaryOf } from './form.js';
import type { SizeLimit } from './limits.js';

const MOST_FIELDS = 20;
/** More headers than this of a part are not read; each part needs two. */
const MOST_HEADERS = 50;
const MOST_HEADER_BYTES = 16 * 1024;

/** A file that was streamed into the object store, sealed. */
export interface Upload {
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
  /** The key of its content, sealed. */
  readonly sealedKey: string;
}

type File = AsyncIterable<Uint8Array>;

/**
 * Streams the multipart field `file` into the object store. A refused upload leaves nothing there.
 *
 * @param keep  writes the row that names the file
 * @throws CausewayError REQUEST_INVALID without such a field, FILE_NAME_INVALID, PAYLOAD_TOO_LARGE beyond the limit; also any error that `keep` throws
 */
export async function storeUpload<T>(
  call: Call,
  files: SealedFiles,
  limit: SizeLimit,
  keep: (upload: Upload) => Promise<T>,
): Promise<T> {
  let stored: Upload | undefined;
  try {
    // The row is written after the whole form: a form that breaks off after its file is refused, too.
    const upload = await takeFile(call, limit, async (file, fileName) => {
      checkFileName(fileName);
      return (stored = {
        fileName,
        ...(await files.put(call.tenant.organisationId, file, { ...limit, what: fileName })),
      });
    });
    return await keep(upload);
  } catch (error) {
    // Without a clear refusal the row may exist. If it does not, the object is removed later as one that no row names.
    if (stored !== undefined && isRefusal(error)) await remove(files, stored.sha256);
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return isCausewayError(error) && errorEntry(error.code).retry === 'never';
}

async function remove(files: SealedFiles, sha256: string): Promise<void> {
  await files
    .remove(sha256)
    .catch((error: unknown) => log.failure(error, 'a refused upload was not removed', { sha256 }));
}

/**
 * The multipart field `file` in memory, for files whose limit is small. It counts as a body: with its declared length,
 * else as it arrives. Throws as `storeUpload` does, and KEY_BODIES_FULL and BODIES_FULL.
 */
export async function readUpload(
  call: Call,
  limit: SizeLimit,
): Promise<{ fileName: string; content: Buffer }> {
  const declared = declaredBytes(call.request);
  if (declared !== undefined) call.memory.body.add(Math.min(declared, limit.limitBytes));
  return takeFile(call, limit, async (file, fileName) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of file) {
      bytes += chunk.length;
      if (bytes > limit.limitBytes) throw causewayError('PAYLOAD_TOO_LARGE', { what: fileName, ...limit });
      if (declared === undefined) call.memory.body.add(chunk.length);
      chunks.push(chunk);
    }
    return { fileName, content: Buffer.concat(chunks) };
  });
}

async function takeFile<T>(
  { request }: Call,
  { limitBytes }: SizeLimit,
  take: (file: File, fileName: string) => Promise<T>,
): Promise<T> {
  if (!request.isForm) throw invalid('body: send multipart/form-data with a field named file');
  const contentType = request.headers['content-type'] as string;
  boundaryOf(contentType);
  const source = sourceOf(request);
  const form = new Busboy({
    headers: { 'content-type': contentType },
    limits: {
      // One byte more than the limit, so that the reader can see that the file is too large.
      fileSize: limitBytes + 1,
      files: 1,
      fields: MOST_FIELDS,
      fieldSize: MOST_HEADER_BYTES,
      headerSize: MOST_HEADER_BYTES,
      headerPairs: MOST_HEADERS,
    },
  });
  return new Promise<T>((resolve, reject) => {
    let isRefused = false;
    const fail = (error: unknown): void => {
      isRefused = true;
      source.unpipe(form);
      reject(isCausewayError(error) ? error : unreadable(error));
    };
    let current: Readable | undefined;
    let problem: unknown;
    const whole = Promise.withResolvers<void>();
    // Nobody waits for it when no file was taken.
    whole.promise.catch(() => {});
    // A file that is being stored fails with its form, and nothing of it is kept.
    const breakOff = (error: unknown): void => {
      if (!current) return fail(error);
      problem ??= error;
      whole.reject(error);
      current.destroy(error as Error);
    };
    form.on('file', (field, file, fileName) => {
      // When a file is cut off, the form fails as well and reports the error.
      file.on('error', () => {});
      // The rest of a piece of data is still parsed.
      if (isRefused) return void file.resume();
      source.once('error', (error) => file.destroy(error));
      if (field !== 'file') return fail(invalid(`body.${field}: send the file in a field named file`));
      if (fileName?.includes('\ufffd')) return fail(invalid('body.file: its name is not UTF-8'));
      current = file;
      take(file, fileName ?? '')
        .then((taken) => whole.promise.then(() => resolve(taken)))
        .catch((error: unknown) => fail(problem ?? error));
    });
    form.once('fieldsLimit', () =>
      breakOff(invalid(`body: the form has more than ${MOST_FIELDS} fields beside its file`)),
    );
    form.once('filesLimit', () => breakOff(invalid('body: the form has more than one file')));
    form.on('finish', () => (current ? whole.resolve() : fail(invalid('body: no field named file'))));
    form.on('error', breakOff);
    source.once('error', breakOff);
    source.pipe(form);
  });
}

/** The refusal for an error of the form's parser or of the connection: the body is not a form, or is incomplete. */
function unreadable(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (/multipart|boundary|terminated early|unexpected end/i.test(message))
    return causewayError('REQUEST_INVALID', { problems: `body: the form cannot be read: ${message}` });
  return error;
}

function invalid(problems: string): Error {
  return causewayError('REQUEST_INVALID', { problems });
}
