import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { queryAudit as audit } from '../src/commands/audit/query.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { type Site, openSite } from './site.js';

const event = {
  id: 'e-1',
  at: '2027-01-31T12:00:00.000Z',
  actor: { kind: 'key', id: 'k-1', name: 'ci' },
  action: 'flow.create',
  object: { type: 'flow', id: 'f-1', name: 'Good' },
  result: 'refused',
  code: 'PERMISSION_DENIED',
  count: 3,
};

let site: Site;
let query: URLSearchParams;
let shown: { out: string };
beforeEach(async () => {
  shown = captureOutput();
  site = await openSite({
    'GET /api/platform/v1/audit/events': (response, { url = '' }) => {
      query = new URL(url, 'http://any').searchParams;
      response.end(JSON.stringify({ items: [event] }));
    },
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  site.close();
});

test('acts are listed with their actor, their kind, their object and their result', async () => {
  expect(await audit(site.api, { limit: '20' }, new Output(false))).toBe(0);
  expect(Object.fromEntries(query)).toEqual({ limit: '20' });
  const [, row] = shown.out.split('\n');
  expect(row?.split(/ {2,}/)).toEqual([
    event.at,
    'ci',
    'flow.create',
    'flow Good',
    'refused',
    event.code,
    '3',
  ]);
});

test.each([
  ['a service account', 'Website', 'a-1'],
  ['a person', 'ada@acme.example', 'u-1'],
  ['what has another name', 'scheduler', 'scheduler'],
])('an actor is found by the name of %s', async (_what, actor, id) => {
  site.close();
  const answer = (value: object) => (response: ServerResponse) => response.end(JSON.stringify(value));
  site = await openSite({
    'GET /api/platform/v1/access': answer({ team: { id: 't-1', name: 'Payments' } }),
    'GET /api/platform/v1/teams/t-1/service-accounts': answer({ items: [{ id: 'a-1', name: 'website' }] }),
    'GET /api/platform/v1/users': answer({ items: [{ id: 'u-1', name: 'Ada', email: 'ada@acme.example' }] }),
    'GET /api/platform/v1/audit/events': (response, { url = '' }) => {
      query = new URL(url, 'http://any').searchParams;
      response.end(JSON.stringify({ items: [event] }));
    },
  });
  await audit(site.api, { actor, limit: '20' }, new Output(false));
  expect(query.get('actor_id')).toBe(id);
});

test('every filter is sent to the server', async () => {
  const filter = {
    actor: 'a',
    action: 'run.*',
    objectType: 'flow',
    object: 'o',
    result: 'failed',
    from: '2027-01-31',
  };
  const more = {
    address: '10.0.0.1',
    request: 'q',
    run: 'r',
    text: 'Some words',
    organisation: true,
    oldest: true,
    count: true,
  };
  await audit(
    site.api,
    { ...filter, ...more, to: '2027-02-01T00:00:00+01:00', limit: '5' },
    new Output(true),
  );
  expect(Object.fromEntries(query)).toEqual({
    actor_id: 'a',
    action: 'run.*',
    object_type: 'flow',
    object_id: 'o',
    result: 'failed',
    address: '10.0.0.1',
    request_id: 'q',
    run_id: 'r',
    text: 'Some words',
    scope: 'organisation',
    order: 'oldest',
    count: 'true',
    from: '2027-01-31T00:00:00.000Z',
    to: '2027-01-31T23:00:00.000Z',
    limit: '5',
  });
  expect(JSON.parse(shown.out)).toEqual({ items: [event] });
});

test.each([
  [{ result: 'good' }, '--result good is not a result; the results are succeeded, failed, refused'],
  [{ from: 'now' }, '--from now is not a time'],
  [{ to: 'then' }, '--to then is not a time'],
])('%j is refused, and the error names the valid values', async (options, told) => {
  await expect(audit(site.api, { ...options, limit: '20' }, new Output(false))).rejects.toThrow(told);
});
