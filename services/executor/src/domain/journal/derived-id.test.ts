import { expect, test } from 'vitest';
import { idempotencyKey, messageId, requestHash } from './derived-id.js';

const runId = '01a20ad6-d067-75b6-a626-cb01db0b0046';

test('a message’s id is a UUID that begins as its run’s, the same for the same step only', () => {
  const id = messageId(runId, 'ChatOutput-1');
  expect(id).toMatch(/^01a20ad6-d067-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(messageId(runId, 'ChatOutput-1')).toBe(id);
  expect(messageId(runId, 'ChatOutput-2')).not.toBe(id);
  expect(messageId('01a20ad6-d067-75b6-a626-cb01db0b0047', 'ChatOutput-1')).not.toBe(id);
});

test('a request’s hash does not depend on the order of its members', () => {
  const call = { kind: 'model', name: 'model' };
  const hash = requestHash({ ...call, request: { a: 1, b: [1, 2] } });
  expect(requestHash({ ...call, request: { b: [1, 2], a: 1 } })).toBe(hash);
  expect(requestHash({ ...call, request: { a: 1, b: [2, 1] } })).not.toBe(hash);
  expect(requestHash({ ...call, kind: 'tool', request: { a: 1, b: [1, 2] } })).not.toBe(hash);
});

test('different runs, steps and requests have different idempotency keys', () => {
  const keys = [
    idempotencyKey('r', 'a/1', 'h'),
    idempotencyKey('r', 'a/1', 'i'),
    idempotencyKey('r', 'a/2', 'h'),
    idempotencyKey('s', 'a/1', 'h'),
  ];
  expect(new Set(keys).size).toBe(4);
});
