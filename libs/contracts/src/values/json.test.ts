import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { JsonObject, JsonValue, shortList } from './json.js';
import { RunBody } from '../http/shapes.js';

describe('a JSON value', () => {
  it('is anything that JSON has, and nothing else', () => {
    for (const value of [null, 0, '', false, [], {}, [{ a: [1] }]])
      expect(JsonValue.safeParse(value).success).toBe(true);
    for (const value of [undefined, 1n, Symbol('x'), () => 1])
      expect(JsonValue.safeParse(value).success).toBe(false);
    expect(z.object({ data: JsonValue }).safeParse({}).success).toBe(false);
    expect(JsonObject.safeParse([]).success).toBe(false);
  });

  it('is accepted as it is: nothing inside is checked, however large it is', () => {
    const untouched = [
      {
        get member(): never {
          throw new Error('looked at');
        },
      },
    ];
    expect(RunBody.parse({ tweaks: { a: untouched } }).tweaks?.['a']).toBe(untouched);
  });
});

describe('a short list', () => {
  const list = z.object({ ids: shortList(z.uuid(), 3) });

  it('names the problems of its items', () => {
    expect(list.safeParse({ ids: ['x', 7] }).error?.issues.map(({ path }) => path)).toEqual([
      ['ids', 0],
      ['ids', 1],
    ]);
  });

  it('is refused when it is long, without one problem per item', () => {
    const { error } = list.safeParse({ ids: Array.from({ length: 1_000_000 }, () => 1) });
    expect(error?.issues.length).toBeLessThan(6);
    expect(
      list.safeParse({ ids: Array.from({ length: 4 }, () => crypto.randomUUID()) }).error?.issues,
    ).toEqual([expect.objectContaining({ code: 'too_big' })]);
  });
});
