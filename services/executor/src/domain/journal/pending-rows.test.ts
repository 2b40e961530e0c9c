import { expect, test } from 'vitest';
import { PendingRows } from './pending-rows.js';

const at = '2026-01-01T00:00:00.000Z';
const step = (path: string) => ({
  path,
  nodeId: path,
  nodeType: 'T',
  nodeName: 'T',
  status: 'succeeded' as const,
  finishedAt: at,
});

test('events are numbered in the order in which they are added, across commits', () => {
  const rows = new PendingRows('r', 2, 4);
  rows.incident({ at, type: 'run.taken_over', data: '{}' });
  rows.step(step('a'));
  const first = rows.drain();
  rows.step(step('b'));
  rows.end({ status: 'succeeded', tokensUsed: 0, finishedAt: at, outbox: [] });
  const second = rows.drain();
  expect([first.incidents[0]?.seq, first.steps[0]?.seq]).toEqual([5, 6]);
  expect([second.steps[0]?.seq, second.end?.lastSeq]).toEqual([7, 8]);
  expect(rows.isEmpty).toBe(true);
});

test('of messages and effects with the same id the last one added is written', () => {
  const rows = new PendingRows('r', 1, 1);
  const effect = {
    path: 'a/1',
    effects: 'keyed' as const,
    name: 'n',
    idempotencyKey: 'k',
    requestHash: 'h',
    intendedAt: at,
  };
  rows.effect({ ...effect, state: 'intent' });
  rows.effect({ ...effect, state: 'confirmed' });
  const message = {
    id: 'm',
    flowId: 'f',
    sessionId: 's',
    contextId: '',
    sender: 'User',
    senderName: 'U',
    error: false,
    at,
  };
  rows.message({ ...message, body: 'partial' });
  rows.message({ ...message, body: 'whole' });
  const chunk = rows.drain();
  expect(chunk.effects.map((row) => row.state)).toEqual(['confirmed']);
  expect(chunk.messages.map((row) => row.body)).toEqual(['whole']);
  expect(rows.drain().effects).toEqual([]);
});
