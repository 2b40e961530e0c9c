import { describe, expect, test } from 'vitest';
import { CALL_LOG_LIMITS, CallLog } from './call-log.js';

function arrival(body: string, headers = {}) {
  return { arrivedAtMs: 1, path: '/p', headers, body, bodyBytes: Buffer.byteLength(body) };
}
const bodyOfSize = (bytes: number): string => {
  const frame = JSON.stringify({ messages: [''] });
  return frame.replace('""', `"${'a'.repeat(bytes - frame.length)}"`);
};

describe('the log keeps', () => {
  test('the newest 100,000 calls', () => {
    const log = new CallLog();
    for (let index = 0; index < CALL_LOG_LIMITS.calls + 5; index += 1) log.open(arrival('{}'));
    const calls = log.list();
    expect([log.size, calls.length, calls[0]?.sequence, calls.at(-1)?.sequence]).toEqual([
      100_000, 100_000, 6, 100_005,
    ]);
  });

  test('no body over 64 KB, and says so', () => {
    const log = new CallLog();
    log.open(arrival(bodyOfSize(CALL_LOG_LIMITS.bodyBytes)));
    log.open(arrival(bodyOfSize(CALL_LOG_LIMITS.bodyBytes + 1)));
    expect(log.list().map((call) => [call.messages?.length, call.bodyDropped])).toEqual([
      [1, false],
      [undefined, true],
    ]);
  });

  test('no more than 64 MB of bodies: the oldest go first', () => {
    const log = new CallLog();
    const room = CALL_LOG_LIMITS.totalBytes / CALL_LOG_LIMITS.bodyBytes;
    const body = bodyOfSize(CALL_LOG_LIMITS.bodyBytes);
    for (let index = 0; index < room + 3; index += 1) log.open(arrival(body));
    const dropped = log.list().filter((call) => call.bodyDropped);
    expect(dropped.map((call) => call.sequence)).toEqual([1, 2, 3]);
  });

  test('room for new bodies after it was cleared', () => {
    const log = new CallLog();
    const body = bodyOfSize(CALL_LOG_LIMITS.bodyBytes);
    for (let index = 0; index < 1_024; index += 1) log.open(arrival(body));
    log.clear();
    for (let index = 0; index < 1_024; index += 1) log.open(arrival(body));
    expect(log.list().filter((call) => call.bodyDropped)).toEqual([]);
    expect(log.list()[0]?.sequence).toBe(1_025);
  });
});

test('different keys can be distinguished, and none can be read', () => {
  const log = new CallLog();
  for (const key of ['Bearer one', 'Bearer two', 'Bearer one'])
    log.open(arrival('{}', { authorization: key }));
  log.open(arrival('{}'));
  const [first, second, third, none] = log.list().map((call) => call.authorization);
  expect([first === third, first === second, none]).toEqual([true, false, null]);
  expect(first).toMatch(/^sha256:[0-9a-f]{12}$/);
});

test('the end of a call is reported with its outcome', () => {
  const told: unknown[] = [];
  const log = new CallLog(({ sequence, outcome }) => told.push([sequence, outcome]));
  const [first, second] = [log.open(arrival('{}')), log.open(arrival('no json'))];
  log.finish(second, 'client_closed');
  log.finish(first, 'completed');
  expect(told).toEqual([
    [2, 'client_closed'],
    [1, 'completed'],
  ]);
});
