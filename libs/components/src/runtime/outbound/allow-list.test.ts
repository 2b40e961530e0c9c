import { describe, expect, test } from 'vitest';
import { parseAllowList } from './allow-list.js';

describe('parseAllowList', () => {
  test('an address with a port allows that port only', () => {
    const list = parseAllowList(['127.0.0.1:8080']);
    expect(list.allowsAddress('127.0.0.1', 8080)).toBe(true);
    expect(list.allowsAddress('127.0.0.1', 8081)).toBe(false);
    expect(list.allowsAddress('127.0.0.2', 8080)).toBe(false);
  });

  test('a range allows every port, mapped addresses too', () => {
    const list = parseAllowList(['10.0.0.0/8']);
    expect(list.allowsAddress('10.255.0.1', 22)).toBe(true);
    expect(list.allowsAddress('::ffff:10.1.2.3', 22)).toBe(true);
    expect(list.allowsAddress('11.0.0.1', 22)).toBe(false);
    expect(list.allowsAddress('::1', 22)).toBe(false);
  });

  test('an IPv6 address has brackets when a port follows', () => {
    const list = parseAllowList(['[::1]:9000', 'fd00::/8']);
    expect(list.allowsAddress('::1', 9000)).toBe(true);
    expect(list.allowsAddress('::1', 9001)).toBe(false);
    expect(list.allowsAddress('fd12::1', 1)).toBe(true);
  });

  test('a name allows the name, not its addresses under other names', () => {
    const list = parseAllowList(['Host.Internal', 'other:8080']);
    expect(list.allowsHost('host.internal', 443)).toBe(true);
    expect(list.allowsHost('other', 8080)).toBe(true);
    expect(list.allowsHost('other', 80)).toBe(false);
    expect(list.allowsHost('sub.host.internal', 443)).toBe(false);
    expect(list.allowsAddress('10.0.0.1', 443)).toBe(false);
  });

  test.each([
    '',
    'http://a.test',
    'a b',
    '10.0.0.0/99',
    '1.2.3.4:99999',
    '*',
    '*.internal',
    'a/b',
    '[::1',
    '::1:x',
  ])('%o cannot be read and is named', (entry) => {
    expect(() => parseAllowList([entry])).toThrow(`"${entry}"`);
  });
});
