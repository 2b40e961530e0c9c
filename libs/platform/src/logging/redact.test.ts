import { causewayError } from '@causeway/contracts';
import { expect, test } from 'vitest';
import { errorFields } from './error-fields.js';
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

test('circles end', () => {
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
