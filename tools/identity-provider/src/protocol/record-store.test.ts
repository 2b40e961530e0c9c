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
  await store.adapter('Session').upsert('1', { uid: 'u', accountId: 'ann', kind: 'Session' }, 60);
  await store.adapter('Interaction').upsert('1', { uid: 'u', accountId: 'ann', kind: 'Interaction' }, 60);
  expect(await store.adapter('Session').findByUid('u')).toMatchObject({ kind: 'Session' });
  expect(await store.adapter('AccessToken').find('1')).toBeUndefined();
  expect(store.sessionsOf('ann')).toEqual(['1']);
  expect(await store.adapter('Client').find('app')).toEqual({ client_id: 'app' });
});

test('revoking a grant takes one kind of record, and no sign-in under way', async () => {
  const store = newStore();
  const kinds = ['AccessToken', 'AuthorizationCode', 'Interaction'];
  for (const kind of kinds) {
    await store.adapter(kind).upsert('of g', { grantId: 'g' }, 60);
    await store.adapter(kind).upsert('of h', { grantId: 'h' }, 60);
  }
  await store.adapter('AccessToken').revokeByGrantId('g');
  const left: string[] = [];
  for (const kind of kinds)
    for (const id of ['of g', 'of h']) if (await store.adapter(kind).find(id)) left.push(`${kind} ${id}`);
  expect(left).toEqual([
    'AccessToken of h',
    'AuthorizationCode of g',
    'AuthorizationCode of h',
    'Interaction of g',
    'Interaction of h',
  ]);
});
