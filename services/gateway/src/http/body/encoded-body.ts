import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { causewayError } from '@causeway/contracts';
import type { FastifyRequest } from 'fastify';

/** The growth of a compressed body is not checked up to this size. */
const FREE_BYTES = 1024 ** 2;
/** Above that size it may grow to this many times its compressed size. */
const MOST_GROWTH = 100;

/** A stream with the number of received bytes, which Fastify compares with the declared length instead of the decompressed ones. */
export type EncodedBody = Readable & { readonly receivedEncodedLength?: number };

/**
 * A request's body, decompressed. Its growth is limited by a ratio here, and by a size where it is read.
 *
 * @throws CausewayError ENCODING_UNSUPPORTED; the stream fails with ENCODING_INVALID, BODY_INFLATED
 */
export async function decodeBody(request: FastifyRequest, payload: Readable): Promise<EncodedBody> {
  const encoding = encodingOf(request);
  if (encoding === 'identity') return payload;
  const engine = await engineOf(encoding, payload);
  const measured = new Measured(() => engine.bytesWritten);
  // After a refusal no reader listens any more, so a later failure is ignored.
  measured.on('error', () => {});
  payload.once('error', (error) => measured.destroy(error));
  engine.once('error', (error) => {
    payload.unpipe(engine);
    measured.destroy(causewayError('ENCODING_INVALID', { encoding, problem: error.message }));
  });
  measured.once('close', () => {
    payload.unpipe(engine);
    engine.destroy();
  });
  payload.pipe(engine).pipe(measured);
  return measured;
}

/** The size of a body in bytes, from its headers; undefined when the headers do not declare it. */
export function declaredBytes(request: FastifyRequest): number | undefined {
  const declared = request.headers['content-length'];
  return declared === undefined || encodingOf(request) !== 'identity' ? undefined : Number(declared);
}

function encodingOf({ headers }: FastifyRequest): string {
  const encoding = String(headers['content-encoding'] ?? '').trim();
  return encoding === '' ? 'identity' : encoding.toLowerCase();
}

async function engineOf(encoding: string, payload: Readable) {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      // The standard means zlib's format, but many clients send the raw deflate data without zlib's header.
      return ((await firstByte(payload)) & 0x0f) === 8 ? createInflate() : createInflateRaw();
    default:
      throw causewayError('ENCODING_UNSUPPORTED', { encoding: encoding.slice(0, 100) });
  }
}

/** The first byte, which stays in the stream; 8 for an empty one. */
function firstByte(payload: Readable): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void): void => {
      payload.off('readable', look);
      payload.off('end', look);
      payload.off('error', fail);
      settle();
    };
    const fail = (error: Error): void => done(() => reject(error));
    const look = (): void => {
      const chunk = payload.read() as Buffer | null;
      if (chunk === null && !payload.readableEnded) return;
      if (chunk !== null) payload.unshift(chunk);
      done(() => resolve(chunk?.[0] ?? 8));
    };
    payload.on('readable', look);
    payload.once('end', look);
    payload.once('error', fail);
  });
}

/** Passes bytes on, and fails when they have grown too much. */
class Measured extends Transform {
  #bytes = 0;

  constructor(private readonly taken: () => number) {
    super();
  }

  get receivedEncodedLength(): number {
    return this.taken();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    // The engine counts a piece only after it has processed it, so the current piece is added here.
    const taken = this.taken() + PIECE_BYTES;
    if (this.#bytes > FREE_BYTES && this.#bytes > MOST_GROWTH * taken)
      done(causewayError('BODY_INFLATED', { factor: MOST_GROWTH }));
    else done(null, chunk);
  }
}

const PIECE_BYTES = 64 * 1024;
