import { causewayError } from '@causeway/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FixedKeys } from '../testing/stand-in-keys.js';
import { DataKeys } from './data-keys.js';
import { SealedKind } from './key-source.js';

const row = { organisationId: 'o', kind: SealedKind.run, id: 'r' };
/** An owner that counts its questions, and that may be unreachable. */
class CountingKeys extends FixedKeys {
  asked: (string | undefined)[] = [];
  isGone = false;

  override async dataKey(organisationId: string, id?: string) {
    this.asked.push(id);
    if (this.isGone) throw causewayError('UNAVAILABLE', { service: 'auth', retryAfterS: 1 });
    return super.dataKey(organisationId, id);
  }
}

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

test('a key is asked for once, also by many at the same time', async () => {
  const owner = new CountingKeys();
  const keys = new DataKeys(owner);
  const found = await Promise.all(Array.from({ length: 20 }, () => keys.rowKey(row)));
  await keys.rowKey(row, 'key-1');
  expect(new Set(found.map(({ key }) => key.toString('hex'))).size).toBe(1);
  expect(owner.asked).toEqual([undefined]);
});

test('a key that sealed a value and is not known yet is fetched', async () => {
  const owner = new CountingKeys();
  const keys = new DataKeys(owner);
  await keys.rowKey(row);
  expect((await keys.rowKey(row, 'key-2')).dataKeyId).toBe('key-2');
  expect(owner.asked).toEqual([undefined, 'key-2']);
  // It was asked for by its id, so nobody has said that it is the current one.
  expect(await keys.currentId('o')).toBe('key-1');
});

test('a rotation is noticed after a while without being told, and at once when told', async () => {
  const owner = new CountingKeys();
  const keys = new DataKeys(owner);
  await keys.rowKey(row);
  owner.currentId = 'key-2';
  expect(await keys.currentId('o')).toBe('key-1');
  vi.advanceTimersByTime(31_000);
  await keys.currentId('o');
  await vi.waitFor(async () => expect(await keys.currentId('o')).toBe('key-2'));
  owner.currentId = 'key-3';
  await keys.refresh('o');
  expect(await keys.currentId('o')).toBe('key-3');
});

test('while the owner is unreachable the known keys seal and open, and others fail', async () => {
  const owner = new CountingKeys();
  const keys = new DataKeys(owner);
  expect(keys.hasAny).toBe(false);
  await keys.rowKey(row);
  owner.isGone = true;
  vi.advanceTimersByTime(3_600_000);
  expect((await keys.rowKey(row)).dataKeyId).toBe('key-1');
  await expect(keys.rowKey(row, 'key-9')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(keys.rowKey({ ...row, organisationId: 'p' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(keys.hasAny).toBe(true);
});

test('each row has a key of its own', async () => {
  const keys = new DataKeys(new FixedKeys());
  const rows = [
    row,
    { ...row, id: 's' },
    { ...row, kind: SealedKind.file },
    { ...row, organisationId: 'p' },
    { ...row, organisationId: 'o', id: 'x'.repeat(5_000) },
  ];
  const found = await Promise.all(rows.map((one) => keys.rowKey(one)));
  expect(new Set(found.map(({ key }) => key.toString('hex'))).size).toBe(rows.length);
});
