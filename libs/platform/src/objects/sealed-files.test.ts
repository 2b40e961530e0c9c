import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { FixedKeys, oldMasterKey } from '../testing/stand-in-keys.js';
import { DataKeys } from '../vault/data-keys.js';
import { OldVault } from '../vault/old-vault.js';
import { sealPieces } from '../vault/seal-stream.js';
import { Vault } from '../vault/vault.js';
import { FolderStore } from './folder-store.js';
import { type SealedFile, SealedFiles, placeOfFile, placeOfGivenFile } from './sealed-files.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-sealed-'));
afterAll(() => rmSync(folder, { recursive: true }));
const objects = new FolderStore(folder);
const keys = new DataKeys(new FixedKeys());
const vault = new Vault(keys);
const files = new SealedFiles(objects, vault, keys);
const ROW = { organisationId: 'o', id: 'f' };

const PIECE = 64 * 1024;
const HEAD = 23;

function pathOf(sha256: string): string {
  return join(folder, sha256.slice(0, 2), sha256);
}

/** Stores a file and gives it a row, as the registry does. */
async function put(content: Iterable<Buffer>): Promise<SealedFile & { bytes: number }> {
  const { sha256, bytes, sealedKey } = await files.put('o', Readable.from(content));
  const key = await vault.open(sealedKey, placeOfGivenFile('o', sha256));
  return { ...ROW, sha256, bytes, sealedKey: await vault.seal(key, placeOfFile(ROW)) };
}

/** A file as it was stored before files had keys of their own. */
async function putOld(content: Buffer): Promise<SealedFile> {
  const old = new OldVault(oldMasterKey);
  const salt = randomBytes(32);
  async function* sealed(): AsyncGenerator<Buffer> {
    yield Buffer.concat([Buffer.from('causeway sealed file 1\n'), Buffer.from(old.keyId), salt]);
    yield* sealPieces([content], old.fileKey(salt));
  }
  const { sha256 } = await objects.put(sealed());
  return { ...ROW, sha256 };
}

/** Changes a stored file directly, and returns the error of reading its stream. */
async function readChanged(content: Buffer, change: (sealed: Buffer) => Buffer): Promise<unknown> {
  const file = await put([content]);
  writeFileSync(pathOf(file.sha256), change(readFileSync(pathOf(file.sha256))));
  return buffer(await files.open(file)).then(
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
      const file = await put(halves);
      expect(file.bytes).toBe(size);
      expect(await files.read(file)).toEqual(content);
      expect(await buffer(await files.open(file))).toEqual(content);
    },
  );

  test('shows nothing of its content, and the same content twice gives two objects', async () => {
    const content = Buffer.from('the secret plan '.repeat(10_000));
    const stored = await Promise.all([1, 2].map(() => put([content])));
    expect(new Set(stored.map(({ sha256 }) => sha256)).size).toBe(2);
    for (const { sha256 } of stored) expect(readFileSync(pathOf(sha256)).includes('secret plan')).toBe(false);
  });

  test('above its limit is refused, and leaves nothing behind', async () => {
    const before = readdirSync(folder, { recursive: true }).length;
    const options = { limitBytes: 100, limitName: 'maxFileBytes', what: 'a.txt' };
    await expect(
      files.put('o', Readable.from([Buffer.alloc(60), Buffer.alloc(41)]), options),
    ).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      details: { what: 'a.txt', limitName: 'maxFileBytes', limitBytes: 100 },
    });
    expect(readdirSync(folder, { recursive: true })).toHaveLength(before);
    await expect(files.put('o', Readable.from([Buffer.alloc(100)]), options)).resolves.toMatchObject({
      bytes: 100,
    });
  });

  test('stored before files were sealed is read unchanged', async () => {
    for (const content of ['plain', '', 'x'.repeat(200_000)]) {
      const { sha256 } = await objects.put(content);
      const file = { ...ROW, sha256 };
      expect((await files.read(file)).toString()).toBe(content);
      expect((await buffer(await files.open(file))).toString()).toBe(content);
      expect(await files.oldKey(file)).toBeUndefined();
    }
  });

  test.each([0, 1, PIECE, 200_000])(
    'of %i bytes from before files had keys of their own is read',
    async (size) => {
      const content = randomBytes(size);
      const file = await putOld(content);
      expect(await files.read(file)).toEqual(content);
      const key = (await files.oldKey(file)) as string;
      // With its key in its row it opens without the master key of that time.
      const renewed = { ...file, sealedKey: await vault.seal(key, placeOfFile(ROW)) };
      expect(await buffer(await files.open(renewed))).toEqual(content);
    },
  );

  test('does not open in another row, in another organisation, or without its key', async () => {
    const file = await put([Buffer.from('x')]);
    const other = await put([Buffer.from('y')]);
    for (const changed of [
      { ...file, id: 'g' },
      { ...file, organisationId: 'p' },
      { ...file, sealedKey: null },
      { ...file, sha256: other.sha256 },
    ])
      await expect(files.read(changed)).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  });

  test('whose content was replaced by one that is not sealed is refused', async () => {
    const { sha256 } = await objects.put('plain text in the place of the file');
    const file = { ...(await put([Buffer.from('x')])), sha256 };
    await expect(files.read(file)).rejects.toThrow('not a sealed file');
  });

  test('whose stream is half read is closed', async () => {
    const file = await put([randomBytes(2_000_000)]);
    for (let time = 0; time < 20; time++) {
      const stream = await files.open(file);
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
    ['of its mark', (sealed) => ((sealed[HEAD - 1] = (sealed[HEAD - 1] ?? 0) ^ 1), sealed)],
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
