import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { originOf } from './public-origin.js';

const asked = (host: string, publicOrigin?: string): FastifyRequest =>
  ({ protocol: 'https', host, server: { publicOrigin } }) as FastifyRequest;

test.each([
  ['causeway.example', 'https://causeway.example'],
  ['Causeway.Example:7860', 'https://causeway.example:7860'],
  ['causeway.example:443', 'https://causeway.example'],
  ['[::1]:7860', 'https://[::1]:7860'],
])('%s is reached at %s', (host, expected) => {
  expect(originOf(asked(host))).toBe(expected);
});

test.each([
  '',
  '127.0.0.1:99999999',
  'a b/c',
  '[::1',
  'x,y',
  'name@other.example',
  'a.example/path',
  'a\\b',
  'a?b',
  'a#',
])('a request to "%s" names no address', (host) => {
  expect(() => originOf(asked(host))).toThrow('the header Host does not name the address of this server');
});

test('what the setting says goes before what a request says', () => {
  expect(originOf(asked('evil.example', 'https://causeway.example'))).toBe('https://causeway.example');
});
