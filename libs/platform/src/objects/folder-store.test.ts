import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { FolderStore } from './folder-store.js';
import type { ObjectRange, StoredObject } from './object-store.js';
import { Vault } from '../vault/vault.js';
import { Payloads } from './payloads.js';

const folder = mkdtempSync(join(tmpdir(), 'causeway-objects-'));
afterAll(() => rmSync(folder, { recursive: true }));
const objects = new FolderStore(folder);

function files(): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

test('a stream is stored under its SHA-256 and read back', async () => {
  const content = randomBytes(300_000);
  const { sha256, bytes } = await objects.put(
    Readable.from([content.subarray(0, 100_000), content.subarray(100_000)]),
  );
  expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
  expect(bytes).toBe(300_000);
  expect(await objects.read(sha256)).toEqual(content);
  expect(await buffer(await objects.open(sha256))).toEqual(content);
  expect(await objects.size(sha256)).toBe(300_000);
});

test('the same content twice, also at the same time, is one file', async () => {
  const before = files().length;
  const stored = await Promise.all(Array.from({ length: 10 }, () => objects.put('the same')));
  expect(new Set(stored.map(({ sha256 }) => sha256)).size).toBe(1);
  expect(files()).toHaveLength(before + 1);
});

test('what is too large or breaks off leaves nothing behind', async () => {
  const before = files().length;
  const large = objects.put('x'.repeat(101), {
    limitBytes: 100,
    limitName: 'CAUSEWAY_X',
    what: 'File a.txt',
  });
  await expect(large).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    message: 'File a.txt has more than 100 bytes, the limit CAUSEWAY_X.',
  });
  async function* breaking(): AsyncIterable<Uint8Array> {
    yield randomBytes(10);
    throw new Error('the caller left');
  }
  await expect(objects.put(breaking())).rejects.toThrow('the caller left');
  expect(files()).toHaveLength(before);
  expect((await objects.put('x'.repeat(100), { limitBytes: 100 })).bytes).toBe(100);
});

test('what a process that died had begun is swept after a day', async () => {
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

test('a listing goes through all objects page by page, in the order of their names', async () => {
  const root = mkdtempSync(join(folder, 'listed-'));
  const listed = new FolderStore(root);
  expect(await listed.list()).toEqual({ objects: [] });
  const startedMs = Date.now() - 10;
  const stored = await Promise.all(Array.from({ length: 25 }, (_, index) => listed.put(`object ${index}`)));
  await listed.leave(randomUUID(), Buffer.from('passed, not stored'));
  const found: StoredObject[] = [];
  let after: string | undefined;
  do {
    const page = await listed.list({ most: 10, ...(after !== undefined && { after }) });
    expect(page.objects.length).toBeLessThanOrEqual(10);
    found.push(...page.objects);
    after = page.next;
  } while (after !== undefined);
  expect(found.map(({ sha256 }) => sha256)).toEqual(stored.map(({ sha256 }) => sha256).toSorted());
  expect(found.map(({ bytes }) => bytes).toSorted()).toEqual(stored.map(({ bytes }) => bytes).toSorted());
  for (const { storedAtMs } of found) expect(storedAtMs).toBeGreaterThan(startedMs);
  rmSync(root, { recursive: true });
});

describe('objects of a run', () => {
  const root = mkdtempSync(join(folder, 'runs-'));
  const owned = new FolderStore(root);
  /** Ids of runs, an hour apart. */
  const runs = [1, 2, 3].map((hour) => {
    const time = (1_800_000_000_000 + hour * 3_600_000).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
  });
  const idsIn = async (range: ObjectRange): Promise<unknown[]> =>
    (await owned.list({ ofRuns: true, ...range })).objects.map(({ runId }) => runId);

  test('are its own, whatever other runs hold, and go one by one', async () => {
    for (const runId of runs) {
      const { sha256 } = await owned.put('the same answer', { runId });
      expect((await owned.read(`${runId}.${sha256}`)).toString()).toBe('the same answer');
    }
    const { sha256 } = await owned.put('the same answer');
    await owned.remove(`${runs[0]}.${sha256}`);
    await expect(owned.read(`${runs[0]}.${sha256}`)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
    expect((await owned.read(`${runs[1]}.${sha256}`)).toString()).toBe('the same answer');
    expect((await owned.list()).objects.map(({ name }) => name)).toEqual([sha256]);
    await owned.put('the same answer', { runId: runs[0] as string });
  });

  test('are listed by the time of their runs, from one run to another', async () => {
    expect(await idsIn({})).toEqual(runs);
    expect(await idsIn({ before: runs[2] as string })).toEqual(runs.slice(0, 2));
    expect(await idsIn({ after: runs[1] as string })).toEqual(runs.slice(1));
    const first = await owned.list({ ofRuns: true, most: 2 });
    expect(await idsIn({ after: first.next as string })).toEqual([runs[2]]);
  });

  test('leave no empty folders', async () => {
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

test('a stream whose file was cut short fails, and does not end early', async () => {
  const { sha256 } = await objects.put(randomBytes(400_000));
  const stream = await objects.open(sha256);
  truncateSync(join(folder, sha256.slice(0, 2), sha256), 200_000);
  await expect(buffer(stream)).rejects.toMatchObject({ code: 'PAYLOAD_MISSING' });
});

test('a stream that nobody reads is closed with what it holds', async () => {
  const { sha256 } = await objects.put('unread');
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  const streams = await Promise.all(Array.from({ length: 20 }, () => objects.open(sha256)));
  expect(open()).toBeGreaterThanOrEqual(before + 20);
  for (const stream of streams) stream.destroy();
  await expect.poll(open).toBeLessThan(before + 20);
});

describe('PAYLOAD_MISSING is said of', () => {
  const missing = { code: 'PAYLOAD_MISSING' };

  test('what is not there', async () => {
    await expect(objects.read('a'.repeat(64))).rejects.toMatchObject(missing);
    await expect(objects.open('a'.repeat(64))).rejects.toMatchObject(missing);
    await expect(objects.size('a'.repeat(64))).rejects.toMatchObject(missing);
  });

  test('a name that leads elsewhere', async () => {
    await expect(objects.read('../../etc/passwd')).rejects.toMatchObject(missing);
    await expect(objects.open(`..${'/'.repeat(62)}`)).rejects.toMatchObject(missing);
  });

  test('damaged content, until it is stored again', async () => {
    const { sha256 } = await objects.put('sound');
    writeFileSync(join(folder, sha256.slice(0, 2), sha256), 'damaged');
    await expect(objects.read(sha256)).rejects.toMatchObject(missing);
    await objects.put('sound');
    expect((await objects.read(sha256)).toString()).toBe('sound');
  });
});

describe('payloads', () => {
  const payloads = new Payloads(objects);

  test('up to 64 KiB of UTF-8 travel inline, longer ones by hash', async () => {
    const inline = 'é'.repeat(32 * 1024);
    expect(await payloads.store(inline)).toEqual({ inline });
    const stored = await payloads.store(`${inline}x`);
    expect(stored).toMatchObject({ bytes: 64 * 1024 + 1 });
    expect(await payloads.load(stored)).toBe(`${inline}x`);
    expect(await payloads.load({ inline: 'x' })).toBe('x');
  });

  test('of a run are stored as its own, equal texts once', async () => {
    const runId = '01a20ae6-f642-7667-8a2a-73ab438460bb';
    const text = 'x'.repeat(64 * 1024 + 1);
    const payload = await payloads.store(text, runId);
    expect(payload).toMatchObject({ runId, bytes: text.length });
    expect(await payloads.store(text, runId)).toEqual(payload);
    expect(await payloads.load(payload)).toBe(text);
    expect(await payloads.store('short', runId)).toEqual({ inline: 'short' });
  });

  test('where there is a master key the store holds nothing readable, and equal texts once', async () => {
    const sealed = new Payloads(objects, new Vault(Buffer.alloc(32, 7).toString('base64')));
    const text = `secret ${'x'.repeat(64 * 1024)}`;
    const payload = await sealed.store(text);
    expect(await sealed.store(text)).toEqual(payload);
    expect(await sealed.load(payload)).toBe(text);
    const { sha256 } = payload as { sha256: string };
    expect(readFileSync(join(folder, sha256.slice(0, 2), sha256), 'utf8')).not.toContain('secret');
  });

  test.each([1, 70_000])('a lone surrogate comes back as the same JSON value (%i)', async (times) => {
    const value = ['\ud800 \udc00 \ud83c\udf0a'.repeat(times)];
    const raw = `["${value[0]}"]`;
    const stored = await payloads.store(raw);
    expect('inline' in stored).toBe(times === 1);
    expect(JSON.parse(await payloads.load(stored))).toEqual(value);
    if ('sha256' in stored) {
      const file = readFileSync(join(folder, stored.sha256.slice(0, 2), stored.sha256), 'utf8');
      expect(file).not.toContain('\ufffd');
    }
  });
});
