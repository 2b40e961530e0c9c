import { causewayError } from '@causeway/contracts';
import { SECRET_MASK } from '@causeway/dag';
import { expect, test } from 'vitest';
import { withContext } from '../context/context.js';
import { errorFields } from './error-fields.js';
import { log, tapLog } from './log.js';
import { redact } from './redact.js';

const CANARY = 'canary-4711';

test('values under secret names are replaced at any depth, in any spelling', () => {
  const copy = redact({
    authorization: CANARY,
    headers: { Authorization: CANARY, 'X-API-Key': CANARY, cookie: [CANARY], accept: 'json' },
    list: [{ password: CANARY, sealedValue: CANARY, apiKey: CANARY, name: 'kept' }],
    clientSecret: { inside: CANARY },
  });
  expect(JSON.stringify(copy)).not.toContain(CANARY);
  expect(copy).toMatchObject({ headers: { accept: 'json' }, list: [{ name: 'kept' }] });
});

test('circular values do not loop for ever', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  expect(JSON.stringify(redact(circle))).toContain('[deeper]');
});

test('an error shows its code, its details without secrets, and its causes', () => {
  const cause = new Error('the cause');
  const fields = errorFields(causewayError('FLOW_UNKNOWN', { flow: 'x', password: CANARY }, { cause }));
  expect(fields).toMatchObject({
    'error.code': 'FLOW_UNKNOWN',
    'error.details': { flow: 'x', password: '[redacted]' },
  });
  expect(fields['error.stack_trace']).toMatch(/Caused by: Error: the cause/);
  expect(errorFields('thrown text')).toEqual({ 'error.message': 'thrown text' });
});

const KEY = 'sk-proj-NOTAREALKEY0000000000';

test('no text of a line contains what looks like a key, wherever it came from', () => {
  const cause = new Error(`refused ${KEY}`);
  const error = Object.assign(new Error(`with ${KEY}`, { cause }), { code: 'X' });
  const lines: string[] = [];
  const end = tapLog((line) => lines.push(line));
  log.warn({ error, text: KEY, deep: [{ text: `a ${KEY}` }], other: new Error(KEY) }, 'it happened');
  log.warn({ error: KEY }, 'it happened');
  end();
  expect(lines).toHaveLength(2);
  expect(lines.join()).toContain(`refused ${SECRET_MASK}`);
  expect(lines.join()).not.toContain('NOTAREALKEY');
});

test('no line of a context contains the secrets of the context', () => {
  const lines: string[] = [];
  const end = tapLog((line) => lines.push(line));
  const mask = (text: string): string => text.replaceAll(CANARY, SECRET_MASK);
  withContext({ runId: 'r', mask }, () => {
    log.warn({ error: new Error(CANARY), text: `it says ${CANARY}` }, 'it happened');
  });
  end();
  expect(lines.join()).toContain(`it says ${SECRET_MASK}`);
  expect(lines.join()).not.toContain(CANARY);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ labels: { runId: 'r' } });
});

test('a key across the end of a cut text is masked as a whole', () => {
  for (let before = 3_900; before < 4_010; before++) {
    const text = `${'x'.repeat(before)} ${KEY} ${'y'.repeat(9_000)}`;
    expect(JSON.stringify([redact(text), errorFields(new Error(text))])).not.toContain('NOTAREAL');
  }
});

test('a line of a request has the ids of its context, and not the principal with its name and permissions', () => {
  const lines: string[] = [];
  const untap = tapLog((line) => lines.push(line));
  const principal = {
    kind: 'user',
    id: 'u',
    name: 'Ann',
    organisationId: 'o',
    teamId: 't',
    permissions: ['flow:read'],
  } as const;
  withContext(
    { requestId: 'r', teamId: 't', actor: 'user:u', principal: { ...principal, permissions: [] } },
    () => log.warn({}, 'said'),
  );
  untap();
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    labels: { requestId: 'r', teamId: 't', actor: 'user:u' },
  });
  expect(Object.keys((JSON.parse(lines[0] ?? '') as { labels: object }).labels)).toEqual([
    'requestId',
    'teamId',
    'actor',
  ]);
});
