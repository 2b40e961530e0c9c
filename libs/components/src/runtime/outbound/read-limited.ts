import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

const unpackers = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/**
 * Reads a whole stream and unpacks it.
 *
 * @param encoding of the HTTP header; gzip, deflate and br are unpacked, others are returned as they are
 * @param maxBytes of the packed and of the unpacked bytes
 * @throws Error naming the limit; the stream is destroyed
 */
export async function readLimited(
  stream: Readable,
  encoding: string | readonly string[] | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  const packed = await readAll(stream, maxBytes);
  const unpack = unpackers.get(
    String(encoding ?? '')
      .trim()
      .toLowerCase(),
  );
  // An answer to HEAD names the encoding of a body that it does not have.
  if (unpack === undefined || packed.byteLength === 0) return packed;
  try {
    return await unpack(packed, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw error;
  }
}

async function readAll(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } finally {
    stream.on('error', () => undefined).destroy();
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): Error {
  return new Error(`the answer is larger than the limit maxBytes of ${maxBytes} bytes`);
}
