import { expect, test } from 'vitest';
import { strictTransport } from './security-headers.js';

test.each([
  ['https', 'causeway.example', true],
  ['https', 'causeway.example:8443', true],
  ['https', '10.1.2.3', true],
  ['https', 'localhost.example', true],
  ['http', 'causeway.example', false],
  ['https', 'localhost:7860', false],
  ['https', 'LOCALHOST.', false],
  ['https', 'flows.localhost', false],
  ['https', '127.0.0.1:7860', false],
  ['https', '[::1]:7860', false],
  ['https', undefined, false],
])('a request over %s to %s makes the browser keep to HTTPS: %s', (protocol, host, isSent) => {
  expect(strictTransport(protocol, host)).toBe(isSent ? 'max-age=31536000' : undefined);
});
