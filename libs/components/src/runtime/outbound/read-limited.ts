import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/**
 * The whole of a stream, unpacked.
 *
 * @param encoding of the HTTP header; gzip, deflate and br are unpacked, others left as they are
 * @param maxBytes of what is read and of what comes out of the unpacking
 * @throws Error naming the limit; the stream is destroyed
 */
export async function readLimited(
  stream: Readable,
  encoding: string | readonly string[] | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  const unpacker = unpackerOf(
    String(encoding ?? '')
      .trim()
      .toLowerCase(),
  );
  const source = unpacker === undefined ? stream : stream.pipe(unpacker);
  if (unpacker !== undefined) stream.on('error', (error) => unpacker.destroy(error));
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes)
        throw new Error(`the answer is larger than the limit maxBytes of ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    stream.on('error', () => undefined).destroy();
    unpacker?.destroy();
  }
  return Buffer.concat(chunks);
}

function unpackerOf(
  encoding: string,
): ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress> | undefined {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  return encoding === 'br' ? createBrotliDecompress() : undefined;
}
