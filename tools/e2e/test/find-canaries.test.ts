import { describe, expect, test } from 'vitest';
import { encodingsOf, encodingsOfBytes } from '../src/find-canaries.js';
import { TextFinder } from '../src/text-finder.js';

test.each(['', 'a', 'ab', 'abc'])('a text is found in each encoding, also after %j', (before) => {
  const text = 'canary"0123456789&';
  const whole = `${before}${text} and more`;
  const written = [
    whole,
    JSON.stringify(whole),
    JSON.stringify(JSON.stringify({ whole })),
    encodeURIComponent(whole),
    new URLSearchParams({ whole }).toString(),
    whole.replaceAll('&', '&#38;').replaceAll('"', '&#34;'),
    whole.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
    Buffer.from(whole).toString('base64'),
    Buffer.from(whole).toString('base64url'),
    Buffer.from(whole).toString('hex'),
    [...Buffer.from(whole)].map((byte) => `%${byte.toString(16)}`).join(''),
    [...Buffer.from(whole)].map((byte) => `\\u00${byte.toString(16)}`).join(''),
  ];
  const finder = new TextFinder(encodingsOf(text).map((form) => [form, 'it']));
  for (const one of written) expect([one, [...finder.find(one)]]).toEqual([one, ['it']]);
  for (const form of encodingsOf(text)) expect(form.length).toBeGreaterThan(15);
});

test.each([0, 1, 2, 3])('bytes are found in base64 and hex, also after %d others', (count) => {
  const bytes = Buffer.from('ff00fb3f1e7ac0ffee00112233445566', 'hex');
  const whole = Buffer.concat([Buffer.alloc(count, 7), bytes, Buffer.from('more')]);
  const finder = new TextFinder(encodingsOfBytes(bytes).map((form) => [form, 'it']));
  for (const encoding of ['base64', 'base64url', 'hex'] as const)
    expect([encoding, finder.find(whole.toString(encoding)).size]).toEqual([encoding, 1]);
});

describe('many texts', () => {
  test('are found in one pass, each with whose it is, wherever they begin and whatever they share', () => {
    const finder = new TextFinder<string>([
      ['abcdef', 'one'],
      ['abcdefgh', 'two'],
      [Buffer.from([1, 2, 3, 0xff, 4]), 'three'],
      ['abcx', 'four'],
    ]);
    expect([...finder.find('aabcdefg')]).toEqual(['one']);
    expect([...finder.find('…abcdefgh')].toSorted()).toEqual(['one', 'two']);
    expect([...finder.find(Buffer.from([9, 1, 2, 3, 0xff, 4]))]).toEqual(['three']);
    expect([...finder.find('abc')]).toEqual([]);
    expect([...finder.find('')]).toEqual([]);
    expect([...finder.find('abc abcx')]).toEqual(['four']);
  });

  test('are refused when they would be found by chance', () => {
    expect(() => new TextFinder([['abc', 'short']])).toThrow('found everywhere');
  });
});
