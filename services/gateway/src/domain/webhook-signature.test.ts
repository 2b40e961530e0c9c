import { expect, test } from 'vitest';
import { findSignatureProblem, signWebhook, webhookSecret } from './webhook-signature.js';

const secret = webhookSecret(Buffer.alloc(32, 7));
const body = Buffer.from('{"order": 7}');
const nowMs = 1_800_000_000_000;
const timestamp = '1800000000';
const signature = signWebhook(secret, 'msg_1', timestamp, body);
const signed = { id: 'msg_1', timestamp, signature };
const check = (over: object, of = body, atMs = nowMs, by = secret): string | undefined =>
  findSignatureProblem(by, { ...signed, ...over }, of, atMs);

test('is that of the specification', () => {
  // The example of standardwebhooks.com.
  const example = signWebhook(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    '1614265330',
    Buffer.from('{"test": 2432232314}'),
  );
  expect(example).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('is taken within five minutes of its time', () => {
  expect(check({})).toBeUndefined();
  expect(check({}, body, nowMs + 300_999)).toBeUndefined();
  expect(check({}, body, nowMs - 300_000)).toBeUndefined();
  expect(check({}, body, nowMs + 301_000)).toContain('300 s');
  expect(check({}, body, nowMs - 301_000)).toContain('300 s');
});

test('is taken beside others', () => {
  expect(check({ signature: `v1,AAAA v2,xyz ${signature}` })).toBeUndefined();
  expect(check({ signature: `${'v1,AAAA '.repeat(5)}${signature}` })).toContain('does not belong');
});

test.each([
  ['another body', {}, Buffer.from('{"order": 8}')],
  ['a longer body', {}, Buffer.from('{"order": 7} ')],
  ['another id', { id: 'msg_2' }, body],
  ['another time', { timestamp: '1800000001' }, body],
  ['a part moved from the id to the time', { id: 'msg_1.1800000000', timestamp: '1800000000' }, body],
  ['another version', { signature: signature.replace('v1,', 'v1a,') }, body],
  ['a shorter signature', { signature: signature.slice(0, -6) }, body],
  ['an empty signature', { signature: 'v1,' }, body],
  ['no signature', { signature: undefined }, body],
  ['no id', { id: undefined }, body],
  ['an empty id', { id: '' }, body],
  ['a long id', { id: 'x'.repeat(256) }, body],
  ['no time', { timestamp: undefined }, body],
  ['a time that is no number', { timestamp: '1.8e9' }, body],
  ['a negative time', { timestamp: '-1' }, body],
] as const)('is refused with %s', (_name, over, of) => {
  expect(check(over, of)).toBeTypeOf('string');
});

test('is refused when it was made with another secret', () => {
  expect(check({}, body, nowMs, webhookSecret(Buffer.alloc(32, 8)))).toContain('does not belong');
});
