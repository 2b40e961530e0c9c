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

  test('finds nothing where nothing is', () => {
    expect(findSecret({ value: secret }, { ...call, body: '{"a":"canary"}' })).toBeUndefined();
  });

  test('finds a short value only where it stands alone, and no value of three characters', () => {
    expect(findSecret({ value: '1234' }, { ...call, headers: ['X-Pin', '1234'] })).toBe('header X-Pin');
    expect(findSecret({ value: '1234' }, { ...call, url: new URL('https://a.test/?pin=1234&a=1') })).toBe(
      'the URL',
    );
    expect(
      findSecret({ value: '1234' }, { ...call, url: new URL('https://a.test/?pin=12345') }),
    ).toBeUndefined();
    expect(findSecret({ value: '1234' }, { ...call, body: '{"a":"1234"}' })).toBeUndefined();
    expect(findSecret({ value: 'abc' }, { ...call, headers: ['X-Pin', 'abc'] })).toBeUndefined();
  });

  test('searches a megabyte in a few milliseconds', () => {
    const body = JSON.stringify({ text: 'canary '.repeat(150_000) });
    findSecret({ value: secret }, { ...call, body });
    const startedMs = performance.now();
    findSecret({ value: secret }, { ...call, body });
    expect(performance.now() - startedMs).toBeLessThan(200);
  });
});

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function form(value: string): string {
  return new URLSearchParams({ key: value }).toString();
}
