import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.js';

/** Largest accepted request body, in bytes. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * The whole body of a request as text.
 *
 * @param done  called once, with the text or with the refusal (413) of a body over 32 MB; not called when the client
 *              leaves before it has sent everything. A callback, as a promise per request is measurable here.
 */
export function readBody(
  request: IncomingMessage,
  done: (body: string | Refusal, bytes: number) => void,
): void {
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) return done(tooLarge(), 0);
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes - chunk.length > MAX_BODY_BYTES) return;
    if (bytes > MAX_BODY_BYTES) {
      more = undefined;
      return done(tooLarge(), bytes);
    }
    if (first === undefined) first = chunk;
    else (more ??= [first]).push(chunk);
  });
  request.on('end', () => {
    if (bytes > MAX_BODY_BYTES) return;
    done((more === undefined ? first : Buffer.concat(more))?.toString('utf8') ?? '', bytes);
  });
}

/** @throws Refusal 400 when the text is not JSON */
export function parseJsonBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(400, `We could not parse the JSON body of your request: ${reason}`);
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, `The request body is over ${MAX_BODY_BYTES} bytes; send less.`);
}
