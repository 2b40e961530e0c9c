import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { problemsOf } from './issue-text.js';

const schema = z.object({
  id: z.uuid().optional(),
  at: z.iso.datetime().optional(),
  wait: z.coerce.number().int().min(0).max(60).optional(),
  count: z.number().int().optional(),
  name: z.string().min(2).max(5).optional(),
  kind: z.enum(['chat', 'text']).optional(),
  list: z.array(z.boolean()).max(2).optional(),
  site: z.url().optional(),
  code: z
    .string()
    .regex(/^[a-z]+$/)
    .optional(),
  needed: z.string().default('x'),
});

describe('a problem of a value', () => {
  test.each<[object, string]>([
    [{ id: 'x' }, 'query.id: must be an id, such as 0198c6de-5b1f-7c3a-9f50-2d6f0a3b9c11'],
    [{ at: 'x' }, 'query.at: must be a time, such as 2026-01-31T12:00:00Z'],
    [{ wait: 'abc' }, 'query.wait: must be a number'],
    [{ wait: 61 }, 'query.wait: must be at most 60'],
    [{ wait: -1 }, 'query.wait: must be at least 0'],
    [{ count: 1.5 }, 'query.count: must be a whole number'],
    [{ name: 7 }, 'query.name: must be a text'],
    [{ name: 'abcdef' }, 'query.name: must have at most 5 characters'],
    [{ name: 'a' }, 'query.name: must have at least 2 characters'],
    [{ kind: 'x' }, 'query.kind: must be one of "chat", "text"'],
    [{ list: [true, 1] }, 'query.list.1: must be true or false'],
    [{ list: [true, true, true] }, 'query.list: must have at most 2 members'],
    [{ list: {} }, 'query.list: must be a list'],
    [{ site: 'x' }, 'query.site: must be an address, such as https://example.com'],
    [{ code: 'X' }, 'query.code: must have the form /^[a-z]+$/'],
  ])('%j is %s', (value, problem) => {
    expect(problemsOf(schema.safeParse(value).error as z.ZodError, 'query')).toEqual([problem]);
  });

  test('with no place is the sentence alone, and what is not there is missing', () => {
    expect(problemsOf(z.number().safeParse('x').error as z.ZodError)).toEqual(['must be a number']);
    expect(problemsOf(z.object({ a: z.string() }).safeParse({}).error as z.ZodError)).toEqual([
      'a: is missing',
    ]);
    expect(problemsOf(z.strictObject({}).safeParse({ b: 1 }).error as z.ZodError)).toEqual([
      'must have no member "b"',
    ]);
    const own = z.string().max(1, 'is longer than it may be');
    expect(problemsOf(own.safeParse('xx').error as z.ZodError)).toEqual(['is longer than it may be']);
  });
});
