import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MAX_RECORDS, RecordStore } from './record-store.js';

const newStore = () => new RecordStore((id) => (id === 'app' ? { client_id: 'app' } : undefined));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a record is there until it expires', async () => {
  const codes = newStore().adapter('AuthorizationCode');
  await codes.upsert('1', { accountId: 'ann' }, 60);
  vi.advanceTimersByTime(59_000);
  expect(await codes.find('1')).toEqual({ accountId: 'ann' });
  vi.advanceTimersByTime(2_000);
  expect(await codes.find('1')).toBeUndefined();
});

test('the records are bounded, and those least recently used go first', async () => {
  const sessions = newStore().adapter('Session');
  for (let id = 0; id < MAX_RECORDS; id += 1) await sessions.upsert(String(id), {}, 60);
  await sessions.find('0');
  await sessions.upsert('one more', {}, 60);
  expect(await sessions.find('0')).toEqual({});
  expect(await sessions.find('1')).toBeUndefined();
});

test('kinds are apart, and clients come from outside', async () => {
  const store = newStore();
  await store.adapter('Session').upsert('1', { uid: 'u', accountId: 'ann' }, 60);
  await store.adapter('Interaction').upsert('2', { uid: 'u', accountId: 'ann' }, 60);
  expect(await store.adapter('Session').findByUid('u')).toMatchObject({ accountId: 'ann' });
  expect(await store.adapter('AccessToken').find('1')).toBeUndefined();
  expect(store.sessionsOf('ann')).toEqual(['1']);
  expect(await store.adapter('Client').find('app')).toEqual({ client_id: 'app' });
});

test('a grant takes its codes and tokens along, and no sign-in under way', async () => {
  const store = newStore();
  for (const kind of ['Grant', 'AccessToken', 'AuthorizationCode', 'Interaction'])
    await store.adapter(kind).upsert('g', { grantId: 'g', accountId: 'ann' }, 60);
  store.revokeGrant('g');
  const left = [];
  for (const kind of ['Grant', 'AccessToken', 'AuthorizationCode', 'Interaction'])
    if (await store.adapter(kind).find('g')) left.push(kind);
  expect(left).toEqual(['Interaction']);
});
