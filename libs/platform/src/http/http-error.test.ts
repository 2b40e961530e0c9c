import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { httpError } from './http-error.js';

const request = { method: 'POST', path: '/', isAborted: true, bodyLimitBytes: 1, bodyLimitName: 'limit' };

test('a stream that closes early is the caller’s leaving only when the caller has left', async () => {
  const body = new PassThrough();
  const reading = finished(body).catch((error: unknown) => error);
  body.destroy();
  await once(body, 'close');
  const thrown = await reading;
  expect(httpError(thrown, request, 'r')).toMatchObject({
    code: 'REQUEST_INVALID',
    message: 'body: the body ended before it was complete',
  });
  expect(httpError(thrown, { ...request, isAborted: false }, 'r').code).toBe('INTERNAL');
});
