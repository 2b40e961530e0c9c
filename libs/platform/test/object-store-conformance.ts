import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ObjectRange, type ObjectStore, type StoredObject, newId, objectName } from '#platform';

/** An empty store, and direct access to its storage. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Writes bytes at a path below its root, without the store. */
  overwrite(path: string, content: Uint8Array): Promise<void>;
  /** All paths below its root. */
  paths(): Promise<string[]>;
}

const missing = { code: 'PAYLOAD_MISSING' };
const HOUR = 60 * 60_000;

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function listAll(
  store: ObjectStore,
  most: number,
  range: Omit<ObjectRange, 'after'> = {},
): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  let after: string | undefined;
  do {
    const page = await store.list({ ...range, most, ...(after !== undefined && { after }) });
    expect(page.objects.length).toBeLessThanOrEqual(most);
    found.push(...page.objects);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** Tests that every object store must pass, wherever it keeps its objects. */
export function describeObjectStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let tested: StoreUnderTest;
    let store: ObjectStore;
    beforeAll(async () => {
      tested = await open();
      store = tested.store;
    });

    test('lists nothing while it is empty, and sweeps nothing', async () => {
      expect((await store.list()).objects).toEqual([]);
      await store.sweep(Date.now());
    });

    test.each([0, 1, 300_000, 8 * 1024 * 1024, 8 * 1024 * 1024 + 1, 20_000_000])(
      'stores a stream of %i bytes under its SHA-256 and reads it back',
      async (size) => {
        const content = randomBytes(size);
        const chunks = [content.subarray(0, size >> 1), content.subarray(size >> 1)];
        const { sha256, bytes } = await store.put(Readable.from(chunks));
        expect(sha256).toBe(digestOf(content));
        expect(bytes).toBe(size);
        expect((await store.read(sha256)).equals(content)).toBe(true);
        expect((await buffer(await store.open(sha256))).equals(content)).toBe(true);
        expect(await store.size(sha256)).toBe(size);
      },
    );

    test('keeps the same content once, also when it is stored at the same time, with the time of the last `put`', async () => {
      const before = (await tested.paths()).length;
      const stored = await Promise.all(Array.from({ length: 10 }, () => store.put('the same')));
      const [sha256] = new Set(stored.map((one) => one.sha256));
      expect(await tested.paths()).toHaveLength(before + 1);
      const at = async (): Promise<number> =>
        (await listAll(store, 1_000)).find((one) => one.sha256 === sha256)?.storedAtMs ?? 0;
      const first = await at();
      // Some stores keep times in whole seconds.
      await expect
        .poll(async () => (await store.put('the same'), await at()), { interval: 300 })
        .toBeGreaterThan(first);
    });

    test('keeps nothing of content that is too large or breaks off', async () => {
      const before = await tested.paths();
      const large = store.put('x'.repeat(101), {
        limitBytes: 100,
        limitName: 'CAUSEWAY_X',
        what: 'File a.txt',
      });
      await expect(large).rejects.toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        message: 'File a.txt has more than 100 bytes, the limit CAUSEWAY_X.',
      });
      async function* breaking(): AsyncIterable<Uint8Array> {
        yield randomBytes(9_000_000);
        throw new Error('the caller left');
      }
      await expect(store.put(breaking())).rejects.toThrow('the caller left');
      expect(await tested.paths()).toEqual(before);
      expect((await store.put('x'.repeat(100), { limitBytes: 100 })).bytes).toBe(100);
    });

    test('lists all objects page by page in the order of their names, and nothing else', async () => {
      const startedMs = Date.now() - 2_000;
      const stored = await Promise.all(
        Array.from({ length: 25 }, (_, index) => store.put(`object ${index}`)),
      );
      const passed = randomUUID();
      await store.leave(passed, Buffer.from('passed, not stored'));
      await tested.overwrite('0-notes.txt', Buffer.from('somebody else’s'));
      const found = await listAll(store, 10);
      const names = found.map(({ sha256 }) => sha256);
      expect(names).toEqual(names.toSorted());
      expect(names).toEqual(
        (await tested.paths())
          .filter((path) => /^[0-9a-f]{2}\/[0-9a-f]{64}$/.test(path))
          .map((path) => path.slice(3))
          .toSorted(),
      );
      for (const { sha256, bytes } of stored) {
        const one = found.find((each) => each.sha256 === sha256);
        expect(one?.bytes).toBe(bytes);
        expect(one?.storedAtMs).toBeGreaterThan(startedMs);
        expect(one?.storedAtMs).toBeLessThan(Date.now() + 2_000);
      }
      await store.drop(passed);
    });

    test('keeps the same content of two runs apart, and lists runs in the order of their ids', async () => {
      const runIds = Array.from({ length: 5 }, () => newId());
      const earlier = '01000000-0000-7000-8000-000000000000';
      const names: string[] = [];
      for (const runId of [...runIds, earlier])
        for (const content of ['one', 'two'])
          names.push(objectName({ ...(await store.put(content, { runId })), runId }));
      const nobodys = (await store.put('one')).sha256;
      expect((await listAll(store, 3, { ofRuns: true })).map(({ name }) => name)).toEqual(names.toSorted());
      const ofEarlier = await store.list({ ofRuns: true, before: '0100001' });
      expect(ofEarlier.objects.map(({ runId }) => runId)).toEqual([earlier, earlier]);
      expect(ofEarlier.next).toBeUndefined();
      const fromSecond = await store.list({ ofRuns: true, after: runIds[1] as string });
      expect(new Set(fromSecond.objects.map(({ runId }) => runId))).toEqual(new Set(runIds.slice(1)));
      for (const { runId } of (await store.list()).objects) expect(runId).toBeUndefined();
      await store.remove(names[0] as string);
      await expect(store.read(names[0] as string)).rejects.toMatchObject(missing);
      for (const name of [nobodys, ...names.slice(1)]) expect((await store.read(name)).length).toBe(3);
      for (const name of names) await store.remove(name);
      expect((await store.list({ ofRuns: true })).objects).toEqual([]);
    });

    test('does not have removed objects, and a second removal does no harm', async () => {
      const { sha256 } = await store.put('removed');
      await store.remove(sha256);
      await store.remove(sha256);
      await expect(store.read(sha256)).rejects.toMatchObject(missing);
      expect((await listAll(store, 1_000)).map((one) => one.sha256)).not.toContain(sha256);
    });

    test('fails with PAYLOAD_MISSING for an object that does not exist', async () => {
      await expect(store.read('a'.repeat(64))).rejects.toMatchObject(missing);
      await expect(store.open('a'.repeat(64))).rejects.toMatchObject(missing);
      await expect(store.size('a'.repeat(64))).rejects.toMatchObject(missing);
      await expect(store.take(randomUUID())).rejects.toMatchObject(missing);
    });

    test('fails with PAYLOAD_MISSING for a name that is a path to another place', async () => {
      for (const wrong of ['../../etc/passwd', `..${'/'.repeat(62)}`, '', 'A'.repeat(64)]) {
        await expect(store.read(wrong)).rejects.toMatchObject(missing);
        await expect(store.open(wrong)).rejects.toMatchObject(missing);
        await expect(store.take(wrong)).rejects.toMatchObject(missing);
        await expect(store.leave(`../${wrong}`, Buffer.from('x'))).rejects.toMatchObject(missing);
        await expect(store.remove(wrong)).rejects.toMatchObject(missing);
      }
    });

    test('fails with PAYLOAD_MISSING for damaged content, until it is stored again', async () => {
      const { sha256 } = await store.put('sound');
      await tested.overwrite(`${sha256.slice(0, 2)}/${sha256}`, Buffer.from('damaged'));
      await expect(store.read(sha256)).rejects.toMatchObject(missing);
      await store.put('sound');
      expect((await store.read(sha256)).toString()).toBe('sound');
    });

    test('closes a stream that is half read or not read at all', async () => {
      const { sha256 } = await store.put(randomBytes(3_000_000));
      for (let time = 0; time < 30; time++) {
        const stream = await store.open(sha256);
        if (time % 2 === 0) for await (const chunk of stream) if ((chunk as Buffer).length > 0) break;
        stream.destroy();
        expect(stream.destroyed).toBe(true);
      }
      expect((await store.read(sha256)).length).toBe(3_000_000);
    });

    test.each([20, 600_000, 20_000_000])('passes a text of %i bytes until it is dropped', async (size) => {
      const name = `${randomUUID()}.sealed`;
      const content = randomBytes(size);
      await store.leave(name, content);
      expect((await store.take(name)).equals(content)).toBe(true);
      await store.drop(name);
      await store.drop(name);
      await expect(store.take(name)).rejects.toMatchObject(missing);
    });

    test('removes a passed text after an hour, not before, and no object', async () => {
      const name = randomUUID();
      await store.leave(name, Buffer.from('nobody comes'));
      const { sha256 } = await store.put('stays');
      const now = Date.now();
      await store.sweep(now + HOUR - 60_000);
      expect((await store.take(name)).toString()).toBe('nobody comes');
      await Promise.all([store.sweep(now + HOUR + 60_000), store.sweep(now + HOUR + 60_000)]);
      await expect(store.take(name)).rejects.toMatchObject(missing);
      await store.sweep(now + 1_000 * HOUR);
      expect((await store.read(sha256)).toString()).toBe('stays');
    });

    test('keeps a content under its own name, which no sweep and no list of objects touches', async () => {
      await store.keep('audit/of-1/2026-11-30/000000001-a.json', Buffer.from('one'));
      await store.keep('audit/of-1/2026-11-30/000000002-b.json', Buffer.from('two'));
      await store.sweep(Date.now() + 10_000 * HOUR);
      expect((await tested.paths()).filter((path) => path.startsWith('kept/')).toSorted()).toEqual([
        'kept/audit/of-1/2026-11-30/000000001-a.json',
        'kept/audit/of-1/2026-11-30/000000002-b.json',
      ]);
      for (const ofRuns of [true, false])
        for (const { name } of await listAll(store, 1_000, { ofRuns })) expect(name).not.toContain('json');
      for (const wrong of ['../x', 'audit/../../x', 'plain', '/etc/x', 'audit//x'])
        await expect(store.keep(wrong, Buffer.from('x'))).rejects.toThrow('cannot be the name');
    });
  });
}
