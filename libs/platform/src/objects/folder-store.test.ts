import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { FolderStore } from './folder-store.js';
import { testVault } from '../testing/stand-in-keys.js';
import { objectName } from './object-store.js';
import { Payloads } from './payloads.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-objects-'));
afterAll(() => rmSync(folder, { recursive: true }));
// What every object store does is tested in `test/object-store-conformance.ts`.
const objects = new FolderStore(folder);

test('unfinished files of a dead process are removed after a day', async () => {
  await objects.put('kept');
  const incoming = join(folder, 'incoming');
  const now = Date.now();
  for (const [name, ageMs] of [
    ['old', 86_401_000],
    ['young', 86_300_000],
  ] as const) {
    writeFileSync(join(incoming, name), 'begun');
    utimesSync(join(incoming, name), new Date(now), new Date(now - ageMs));
  }
  await Promise.all([objects.sweep(now), objects.sweep(now)]);
  expect(readdirSync(incoming)).toEqual(['young']);
  rmSync(join(incoming, 'young'));
  await new FolderStore(join(folder, 'nothing here')).sweep(now);
});

describe('objects of a run', () => {
  const root = mkdtempSync(join(folder, 'runs-'));
  const owned = new FolderStore(root);
  /** Ids of runs, an hour apart. */
  const runs = [1, 2, 3].map((hour) => {
    const time = (1_800_000_000_000 + hour * 3_600_000).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
  });
  test('leave no empty folders', async () => {
    for (const runId of runs) await owned.put('the same answer', { runId });
    for (const { name } of (await owned.list({ ofRuns: true })).objects) await owned.remove(name);
    expect(readdirSync(join(root, 'runs'))).toEqual([]);
  });

  test('are stored while their neighbours are removed', async () => {
    const runId = runs[0] as string;
    const before = await owned.put('first', { runId });
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        await owned.remove(`${runId}.${before.sha256}`);
        const { sha256 } = await owned.put(`answer ${index}`, { runId });
        expect((await owned.read(`${runId}.${sha256}`)).toString()).toBe(`answer ${index}`);
        await owned.remove(`${runId}.${sha256}`);
      }),
    );
  });
});

test('a stream of a truncated file fails, and does not end early', async () => {
  const { sha256 } = await objects.put(randomBytes(400_000));
  const stream = await objects.open(sha256);
  truncateSync(join(folder, sha256.slice(0, 2), sha256), 200_000);
  await expect(buffer(stream)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
});

test('a stream that is never read closes its file', async () => {
  const { sha256 } = await objects.put('unread');
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  const streams = await Promise.all(Array.from({ length: 20 }, () => objects.open(sha256)));
  expect(open()).toBeGreaterThanOrEqual(before + 20);
  for (const stream of streams) stream.destroy();
  await expect.poll(open).toBeLessThan(before + 20);
});

describe('payloads', () => {
  const payloads = new Payloads(objects);
  const organisationId = 'o';
  const runId = '01a20ae6-f642-7667-8a2a-73ab438460bb';
  const owner = { organisationId, runId };

  test('up to 64 KiB of UTF-8 are stored inline, longer ones by hash', async () => {
    const inline = 'é'.repeat(32 * 1024);
    expect(await payloads.store(inline, owner)).toEqual({ inline });
    const stored = await payloads.store(`${inline}x`, owner);
    expect(stored).toMatchObject({ bytes: 64 * 1024 + 1 });
    expect(await payloads.load(stored, organisationId)).toBe(`${inline}x`);
    expect(await payloads.load({ inline: 'x' }, organisationId)).toBe('x');
  });

  test('of a run are stored as objects of the run, equal texts once', async () => {
    const text = 'x'.repeat(64 * 1024 + 1);
    const payload = await payloads.store(text, owner);
    expect(payload).toMatchObject({ runId, bytes: text.length });
    expect(await payloads.store(text, owner)).toEqual(payload);
    expect(await payloads.load(payload, organisationId)).toBe(text);
    expect(await payloads.store('short', owner)).toEqual({ inline: 'short' });
  });

  test('with a vault the store holds nothing readable, and equal texts once', async () => {
    const sealed = new Payloads(objects, testVault());
    const text = `secret ${'x'.repeat(64 * 1024)}`;
    const payload = await sealed.store(text, owner);
    expect(await sealed.store(text, owner)).toEqual(payload);
    expect(await sealed.load(payload, organisationId)).toBe(text);
    const { sha256 } = payload as { sha256: string };
    expect((await objects.read(objectName({ sha256, runId }))).toString()).not.toContain('secret');
    // Neither another organisation nor another run reads it.
    await expect(sealed.load(payload, 'p')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
    const other = runId.replace('01a2', '01a3');
    const { sha256: copied } = await objects.put(await objects.read(objectName({ sha256, runId })), {
      runId: other,
    });
    const elsewhere = { ...payload, sha256: copied, runId: other };
    await expect(sealed.load(elsewhere, organisationId)).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  });

  test.each([1, 70_000])('a lone surrogate comes back as the same JSON value (%i)', async (times) => {
    const value = ['\ud800 \udc00 \ud83c\udf0a'.repeat(times)];
    const raw = `["${value[0]}"]`;
    const stored = await payloads.store(raw, owner);
    expect('inline' in stored).toBe(times === 1);
    expect(JSON.parse(await payloads.load(stored, organisationId))).toEqual(value);
    if ('sha256' in stored) {
      const file = (await objects.read(objectName(stored))).toString();
      expect(file).not.toContain('\ufffd');
    }
  });
});
