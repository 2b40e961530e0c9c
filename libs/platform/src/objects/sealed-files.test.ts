import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { Vault } from '../vault/vault.js';
import { FolderStore } from './folder-store.js';
import { SealedFiles } from './sealed-files.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-sealed-'));
afterAll(() => rmSync(folder, { recursive: true }));
const objects = new FolderStore(folder);
const files = new SealedFiles(objects, new Vault(randomBytes(32).toString('base64')));

const PIECE = 64 * 1024;
const HEAD = 23 + 8 + 32;

function pathOf(sha256: string): string {
  return join(folder, sha256.slice(0, 2), sha256);
}

/** Changes a stored file directly, and returns the error of reading its stream. */
async function readChanged(content: Buffer, change: (sealed: Buffer) => Buffer): Promise<unknown> {
  const { sha256 } = await files.put(Readable.from([content]));
  writeFileSync(pathOf(sha256), change(readFileSync(pathOf(sha256))));
  return buffer(await files.open(sha256)).then(
    (read) => read.length,
    (error: { code?: string }) => error.code,
  );
}

describe('a file', () => {
  test.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 1_000_000])(
    'of %i bytes is read unchanged',
    async (size) => {
      const content = randomBytes(size);
      const halves = [content.subarray(0, size >> 1), content.subarray(size >> 1)];
      const { sha256, bytes } = await files.put(Readable.from(halves));
      expect(bytes).toBe(size);
      expect(await files.read(sha256)).toEqual(content);
      expect(await buffer(await files.open(sha256))).toEqual(content);
    },
  );

  test('shows nothing of its content, and the same content twice gives two objects', async () => {
    const content = Buffer.from('the secret plan '.repeat(10_000));
    const stored = await Promise.all([1, 2].map(() => files.put(Readable.from([content]))));
    expect(new Set(stored.map(({ sha256 }) => sha256)).size).toBe(2);
    for (const { sha256 } of stored) expect(readFileSync(pathOf(sha256)).includes('secret plan')).toBe(false);
  });

  test('above its limit is refused, and leaves nothing behind', async () => {
    const before = readdirSync(folder, { recursive: true }).length;
    const options = { limitBytes: 100, limitName: 'maxFileBytes', what: 'a.txt' };
    await expect(
      files.put(Readable.from([Buffer.alloc(60), Buffer.alloc(41)]), options),
    ).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      details: { what: 'a.txt', limitName: 'maxFileBytes', limitBytes: 100 },
    });
    expect(readdirSync(folder, { recursive: true })).toHaveLength(before);
    await expect(files.put(Readable.from([Buffer.alloc(100)]), options)).resolves.toMatchObject({
      bytes: 100,
    });
  });

  test('stored before files were sealed is read unchanged', async () => {
    for (const content of ['plain', '', 'x'.repeat(200_000)]) {
      const { sha256 } = await objects.put(content);
      expect((await files.read(sha256)).toString()).toBe(content);
      expect((await buffer(await files.open(sha256))).toString()).toBe(content);
    }
  });

  test('sealed with another master key is refused, and the error names both keys', async () => {
    const { sha256 } = await files.put(Readable.from(['x'].map(Buffer.from)));
    const others = new SealedFiles(objects, new Vault(randomBytes(32).toString('base64')));
    await expect(others.read(sha256)).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  });

  test('whose stream is half read is closed', async () => {
    const { sha256 } = await files.put(Readable.from([randomBytes(2_000_000)]));
    for (let time = 0; time < 20; time++) {
      const stream = await files.open(sha256);
      for await (const chunk of stream) if ((chunk as Buffer).length > 0) break;
      expect(stream.destroyed).toBe(true);
    }
  });
});

describe('a change of the stored bytes is found', () => {
  const content = randomBytes(3 * PIECE + 10);
  const sealedPiece = PIECE + 16;

  test.each<[string, (sealed: Buffer) => Buffer]>([
    ['of a bit', (sealed) => ((sealed[HEAD + 5] = (sealed[HEAD + 5] ?? 0) ^ 1), sealed)],
    ['of the salt', (sealed) => ((sealed[HEAD - 1] = (sealed[HEAD - 1] ?? 0) ^ 1), sealed)],
    ['that cuts the end off', (sealed) => sealed.subarray(0, -1)],
    ['that leaves out the last piece', (sealed) => sealed.subarray(0, HEAD + 3 * sealedPiece)],
    [
      'that leaves out the first piece',
      (sealed) => Buffer.concat([sealed.subarray(0, HEAD), sealed.subarray(HEAD + sealedPiece)]),
    ],
    ['that leaves out all pieces', (sealed) => sealed.subarray(0, HEAD)],
    [
      'that swaps two pieces',
      (sealed) => {
        const piece = (at: number): Buffer =>
          sealed.subarray(HEAD + at * sealedPiece, HEAD + (at + 1) * sealedPiece);
        return Buffer.concat([
          sealed.subarray(0, HEAD),
          piece(1),
          piece(0),
          sealed.subarray(HEAD + 2 * sealedPiece),
        ]);
      },
    ],
  ])('%s', async (_how, change) => {
    expect(await readChanged(content, change)).toBe('SEALED_UNREADABLE');
  });
});
