import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { type SizeLimit, bodyTooLarge } from './limits.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the body is a multipart form, which its route reads by itself. */
    isForm: boolean;
  }
}

const sources = new WeakMap<FastifyRequest, Readable>();

/** Keeps the stream of an unread body, after decompression. */
export function setSource(request: FastifyRequest, source: Readable): void {
  request.isForm = true;
  sources.set(request, source);
}

/** The stream of a form. */
export function sourceOf(request: FastifyRequest): Readable {
  return sources.get(request) ?? request.raw;
}

/**
 * Reads a whole form into memory. It uses events, because an iterator that stops early destroys the stream, and with it the
 * connection and the answer that refuses the request.
 *
 * @throws CausewayError BODY_TOO_LARGE
 */
export function readAll(request: FastifyRequest, limit: SizeLimit): Promise<Buffer> {
  const { limitBytes } = limit;
  if (Number(request.headers['content-length']) > limitBytes) return Promise.reject(bodyTooLarge(limit));
  const source = sourceOf(request);
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= limitBytes) return void chunks.push(chunk);
      source.off('data', take);
      reject(bodyTooLarge(limit));
    };
    source.on('data', take);
    source.once('end', () => resolve(Buffer.concat(chunks)));
    source.once('error', reject);
  });
}
