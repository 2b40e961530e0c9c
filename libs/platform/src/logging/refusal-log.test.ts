import { causewayError } from '@causeway/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { log, tapLog } from './log.js';
import { RefusalLog } from './refusal-log.js';

let lines: string[];
let untap: () => void;
beforeEach(() => {
  lines = [];
  untap = tapLog((line) => lines.push(line));
});
afterEach(() => untap());

const request = { method: 'GET', path: '/api/v1/flows', route: '/api/v1/flows', status: 403 };
const countsOf = (): unknown[] =>
  lines.map((line) => (JSON.parse(line) as { labels: { count?: number } }).labels.count);

test('an expected refusal is one short line, without a stack trace and with its path once', () => {
  const refusals = new RefusalLog();
  const path = `/api/v1/${'x'.repeat(10_000)}`;
  refusals.note(causewayError('ROUTE_UNKNOWN', { method: 'GET', path: '/api/v1/nothing' }), {
    ...request,
    path: '/api/v1/nothing',
  });
  refusals.note(causewayError('KEY_MISSING', {}), { ...request, path });
  refusals.close();
  expect(lines).toHaveLength(2);
  expect(lines[0]?.split('/api/v1/nothing')).toHaveLength(2);
  for (const line of lines) {
    expect(line.length).toBeLessThan(1_000);
    expect(line).not.toContain('stack');
  }
});

test('six hundred equal refusals are a few kilobytes, and the counts add up', () => {
  const refusals = new RefusalLog();
  for (let n = 0; n < 600; n++) refusals.note(causewayError('KEY_MISSING', {}), request);
  refusals.close();
  expect(lines.join('').length).toBeLessThan(5_000);
  expect(countsOf()).toEqual([undefined, undefined, undefined, undefined, undefined, 595]);
});

test('equal refusals over the bus are counted too, apart from those of another subject', () => {
  const refusals = new RefusalLog();
  const note = (subject: string): void => refusals.note(causewayError('KEY_MISSING', {}), { subject });
  for (let n = 0; n < 600; n++) note('req.auth.key.verify.v1');
  note('req.auth.key.list.v1');
  refusals.close();
  expect(countsOf()).toEqual([undefined, undefined, undefined, undefined, undefined, undefined, 595]);
  expect(JSON.parse(lines[6] ?? '')).toMatchObject({
    message: 'requests refused',
    labels: { code: 'KEY_MISSING', subject: 'req.auth.key.verify.v1', count: 595 },
  });
});

test('an internal error is always logged with its stack, so that it is found by its request id', () => {
  const refusals = new RefusalLog();
  const error = causewayError('INTERNAL', { requestId: 'r' }, { cause: new Error('boom') });
  for (let n = 0; n < 20; n++) refusals.note(error, { ...request, status: 500 });
  refusals.close();
  expect(lines).toHaveLength(20);
  expect(lines[19]).toContain('Caused by: Error: boom');
});

test('no line is longer than a few kilobytes, whatever is logged', () => {
  const long = 'x'.repeat(1_000_000);
  const cause = new Error(long, { cause: new Error(long) });
  log.warn({ long, list: Array.from({ length: 10_000 }, () => long), error: cause }, 'something long');
  log.warn(
    Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`${n}${long.slice(0, 999)}`, n])),
    'wide',
  );
  const deep = (levels: number): unknown =>
    levels === 0 ? long : Array.from({ length: 60 }, () => deep(levels - 1));
  log.warn({ deep: deep(2), error: long }, 'deep');
  for (const line of lines) expect(line.length).toBeLessThan(60_000);
});
