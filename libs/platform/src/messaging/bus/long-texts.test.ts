import { describe, expect, test } from 'vitest';
import { type CutMessage, cutTexts, joinTexts } from './long-texts.js';

const long = `{"a":"\\"${'é'.repeat(200_000)}"}`;

function cut(message: unknown): CutMessage {
  return cutTexts(message) ?? expect.fail('nothing was cut');
}

describe('cutTexts', () => {
  test('takes long texts out, and `joinTexts` puts them back', () => {
    const message = {
      flowId: 'f',
      sealed: long,
      data: { inline: long },
      items: [{ id: 1, data: { inline: long } }, { id: 2, data: { inline: '{}' } }, { id: 3 }, null],
      none: undefined,
    };
    const apart = cut(message);
    expect(apart.texts).toEqual([long, long, long]);
    expect(JSON.stringify(apart.message).length).toBeLessThan(500);
    const travelled: unknown = JSON.parse(JSON.stringify(apart.message));
    expect(joinTexts({ ...apart, message: travelled })).toEqual(JSON.parse(JSON.stringify(message)));
  });

  test('does not change the given message', () => {
    const message = { data: { inline: long } };
    cut(message);
    expect(message).toEqual({ data: { inline: long } });
  });

  test('leaves texts that are short, nested deep or not valid in UTF-8', () => {
    for (const message of [
      { data: { inline: 'short' } },
      { a: { b: { c: { d: { inline: long } } } } },
      { data: { inline: `${long}\ud800` } },
      long,
      null,
      [],
    ])
      expect(cutTexts(message)).toBeUndefined();
  });

  test('marks the place of a text with a word that no sender can know', () => {
    const marks = Array.from({ length: 3 }, () => cut({ data: { inline: long } }).mark);
    expect(new Set(marks).size).toBe(3);
    const forged = { data: { inline: '0' }, other: { inline: `${marks[0]}0` }, real: { inline: long } };
    const apart = cut(forged);
    expect(joinTexts(apart)).toEqual(forged);
  });
});
