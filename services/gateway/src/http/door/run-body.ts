import type { Readable } from 'node:stream';
import { RunBody, causewayError } from '@causeway/contracts';
import type { z } from 'zod';
import type { Settings } from '../../config.js';
import type { Call } from './call.js';
import { checkTextDepth, checkValueDepth } from './json-depth.js';
import { parsePart } from './serve.js';

/** Form fields that hold JSON: as a text, or as a part that says it is JSON, with or without a file name. */
const jsonFields = new Set(['tweaks']);

/** Reads a run's body from a multipart form: one field per key, `tweaks` as JSON. All of it has the limit of a JSON body. */
export async function readRunForm(
  { request }: Call,
  { maxBodyBytes }: Pick<Settings, 'maxBodyBytes'>,
): Promise<z.infer<typeof RunBody>> {
  if (Number(request.headers['content-length']) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  const fields = new Map<string, unknown>();
  let bytes = 0;
  const count = (more: number): void => {
    bytes += more;
    if (bytes > maxBodyBytes) throw tooLarge(maxBodyBytes);
  };
  for await (const part of request.parts({ limits: { fieldSize: maxBodyBytes } })) {
    const { fieldname } = part;
    if (part.type === 'file' && !jsonFields.has(fieldname))
      throw causewayError('REQUEST_INVALID', {
        problems: `body.${fieldname}: a run takes no file; upload it first and name its path in a tweak`,
      });
    let { value } = part as { value?: unknown };
    if (part.type === 'file') value = await readText(part.file, count);
    else {
      // A value that was cut is no longer what was sent.
      if (part.valueTruncated) throw tooLarge(maxBodyBytes);
      count(Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value)));
    }
    fields.set(fieldname, jsonFields.has(fieldname) ? parseField(fieldname, value) : value);
  }
  return parsePart(RunBody, Object.fromEntries(fields), 'body') as z.infer<typeof RunBody>;
}

/** A body as it was sent, whatever it says it is: a form is the one kind that nobody has read by now. */
export async function readRaw(
  { request }: Call,
  { maxBodyBytes }: Pick<Settings, 'maxBodyBytes'>,
): Promise<Buffer> {
  if (!request.isMultipart()) return (request.body as Buffer | undefined) ?? Buffer.alloc(0);
  if (Number(request.headers['content-length']) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  return readAll(request.raw, maxBodyBytes);
}

/** By events: an iterator destroys what it does not read to its end, and the connection and the refusal with it. */
function readAll(body: Readable, maxBodyBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) return void chunks.push(chunk);
      body.off('data', take);
      reject(tooLarge(maxBodyBytes));
    };
    body.on('data', take);
    body.once('end', () => resolve(Buffer.concat(chunks)));
    body.once('error', reject);
  });
}

async function readText(file: AsyncIterable<Buffer>, count: (bytes: number) => void): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of file) {
    count(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLarge(limitBytes: number): Error {
  return causewayError('BODY_TOO_LARGE', { limitBytes, limitName: 'maxBodyBytes' });
}

function parseField(name: string, value: unknown): unknown {
  const where = `body.${name}`;
  if (typeof value !== 'string') {
    checkValueDepth(value, where);
    return value;
  }
  checkTextDepth(value, where);
  try {
    return JSON.parse(value);
  } catch (error) {
    throw causewayError('REQUEST_INVALID', {
      problems: `${where}: not JSON: ${(error as SyntaxError).message.slice(0, 200)}`,
    });
  }
}
