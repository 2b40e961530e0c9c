import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { type ZipSource, zipFiles } from './zipping.js';

function source(name: string, chunks: readonly Uint8Array[]): ZipSource {
  return { name, content: async () => chunks };
}

test('files have safe names in the ZIP, and equal names get a number', async () => {
  const [large, text] = [randomBytes(300_000), Buffer.from('é'.repeat(1_000))];
  const zip = await buffer(
    zipFiles([
      source('a.json', [large.subarray(0, 100_000), large.subarray(100_000)]),
      source('a.json', [text]),
      source('../b:\0', [Buffer.from('b')]),
      source('', []),
    ]),
  );
  const files = unzipSync(zip);
  expect(Object.keys(files)).toEqual(['a.json', 'a (1).json', '.._b__', 'file']);
  expect(Buffer.from(files['a.json'] as Uint8Array).equals(large)).toBe(true);
  expect(Buffer.from(files['a (1).json'] as Uint8Array).equals(text)).toBe(true);
  expect(Buffer.from(files['.._b__'] as Uint8Array).toString()).toBe('b');
  expect(files['file']).toHaveLength(0);
  // Text is compressed.
  expect(zip.length).toBeLessThan(301_000);
  expect(unzipSync(await buffer(zipFiles([])))).toEqual({});
});

test('no more is read than the reader has room for, and the source is closed when the reader leaves', async () => {
  let [read, isClosed] = [0, false];
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        read += 64 * 1024;
        yield randomBytes(64 * 1024);
      }
    } finally {
      isClosed = true;
    }
  }
  const zip = zipFiles([{ name: 'endless', content: async () => endless() }]);
  let written = 0;
  for await (const piece of zip) {
    written += (piece as Uint8Array).length;
    if (written > 5_000_000) break;
  }
  expect(read - written).toBeLessThan(2_000_000);
  await expect.poll(() => isClosed).toBe(true);
});

test('when a file breaks off, the ZIP breaks off', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield randomBytes(100_000);
    throw new Error('the disk is gone');
  }
  const zip = zipFiles([source('whole', [randomBytes(10)]), { name: 'x', content: async () => broken() }]);
  await expect(buffer(zip)).rejects.toThrow('the disk is gone');
});
