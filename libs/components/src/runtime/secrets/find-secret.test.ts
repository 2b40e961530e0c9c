import { startCpuClock } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { findSecret } from './find-secret.js';

const secret = 'canary/7+f3 "a"=';
const url = new URL('https://a.test/');
const call = { url, headers: ['accept', 'text/plain'], body: undefined };

describe('findSecret', () => {
  test.each([
    ['a header', { headers: ['accept', 'x', 'X-Key', `Bearer ${secret}`] }, 'header X-Key'],
    ['Basic authentication', { headers: ['Authorization', basic(`me:${secret}`)] }, 'header Authorization'],
    ['Basic authentication of a longer name', { headers: ['A', basic(`me12:${secret}x`)] }, 'header A'],
    ['a query', { url: new URL(`https://a.test/?k=${encodeURIComponent(secret)}`) }, 'the URL'],
    ['a query of a form', { url: new URL(`https://a.test/?${form(secret)}`) }, 'the URL'],
    ['a path', { url: new URL(`https://a.test/${encodeURIComponent(secret).toLowerCase()}`) }, 'the URL'],
    ['JSON', { body: JSON.stringify({ a: [`x${secret}x`] }) }, 'the body'],
    ['a form', { body: `a=1&${form(secret)}` }, 'the body'],
    ['bytes', { body: Buffer.from(`x ${secret}`) }, 'the body'],
    ['base64 of a web token', { body: Buffer.from(`??>${secret}`).toString('base64url') }, 'the body'],
  ])('finds a value in %s', (_where, more, part) => {
    expect(findSecret({ value: secret }, { ...call, ...more })).toBe(part);
  });

  test('finds nothing in a call without it', () => {
    expect(findSecret({ value: secret }, { ...call, body: '{"a":"canary"}' })).toBeUndefined();
  });

  const pin = { value: '1234' };
  test.each([
    ['a header', { headers: ['X-Pin', '1234'] }, 'header X-Pin'],
    ['a header with a scheme', { headers: ['A', 'Token 1234'] }, 'header A'],
    ['a query', { url: new URL('https://a.test/?pin=1234&a=1') }, 'the URL'],
    ['a form', { body: 'a=1&pin=1234' }, 'the body'],
    ['JSON', { body: '{"pin": ["1234"]}' }, 'the body'],
    ['a number of JSON', { body: '{"pin":1234}' }, 'the body'],
    ['JSON inside a text', { body: JSON.stringify({ text: '{"pin":"1234"}' }) }, 'the body'],
    ['a body that is only the value', { body: '1234\n' }, 'the body'],
  ])('finds a short value that is a whole value of %s', (_where, more, part) => {
    expect(findSecret(pin, { ...call, ...more })).toBe(part);
  });

  test.each([
    [
      'a longer one',
      { url: new URL('https://a.test/?pin=12345'), body: '{"a":"x 1234","b":91234,"c":1234.5}' },
    ],
    ['the name of a member', { body: '{"1234":1,"b": {"1234" : 2}}' }],
    ['a request to a model', { body: '{"content":"1234"}', asksModel: true }],
  ])('does not find a short value that is %s', (_what, more) => {
    expect(findSecret(pin, { ...call, ...more })).toBeUndefined();
  });

  test('finds no value of three characters', () => {
    expect(findSecret({ value: 'abc' }, { ...call, headers: ['X-Pin', 'abc'] })).toBeUndefined();
  });

  test('searches a megabyte in a few milliseconds', () => {
    const body = JSON.stringify({ text: 'canary '.repeat(150_000) });
    findSecret({ value: secret }, { ...call, body });
    const cpuMs = startCpuClock();
    findSecret({ value: secret }, { ...call, body });
    expect(cpuMs()).toBeLessThan(200);
  });
});

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function form(value: string): string {
  return new URLSearchParams({ key: value }).toString();
}
