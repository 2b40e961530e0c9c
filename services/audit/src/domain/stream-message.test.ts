import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MOST_TRIES, signedHeaders, streamSecret, waitAfter } from './stream-message.js';

describe('a message of a stream', () => {
  it('is signed over its id, its time and its raw body, with a secret of its own', () => {
    const secret = streamSecret(Buffer.from('key'), 'organisation', 'seed');
    const headers = signedHeaders(secret, 'id-1', 1_700_000_000_999, '{"a":1}');
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    expect(key).toHaveLength(32);
    const expected = createHmac('sha256', key).update('id-1.1700000000.{"a":1}').digest('base64');
    expect(headers).toMatchObject({
      'webhook-id': 'id-1',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,${expected}`,
    });
    expect(streamSecret(Buffer.from('key'), 'organisation', 'other')).not.toBe(secret);
    expect(streamSecret(Buffer.from('key'), 'other', 'seed')).not.toBe(secret);
  });

  it('is tried again after longer and longer waits, which have an end', () => {
    expect([1, 2, 3, 4].map(waitAfter)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect([11, 100, MOST_TRIES].map(waitAfter)).toEqual([600_000, 600_000, 600_000]);
  });
});
