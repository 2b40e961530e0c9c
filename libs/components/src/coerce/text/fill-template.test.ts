import type { Json } from '@causeway/dag';
import { describe, expect, test } from 'vitest';
import { fillFromData } from './fill-from-data.js';
import { fillTemplate } from './fill-template.js';
import { pythonText } from './python-text.js';
import { dataOf } from '../value.js';

describe('pythonText', () => {
  test.each<[Json, string]>([
    ['it is text', 'it is text'],
    [null, 'None'],
    [true, 'True'],
    [{ a: [1, 'b', false], "c'": null }, `{'a': [1, 'b', False], "c'": None}`],
    [['a\nb', `'"`], `['a\\nb', '\\'"']`],
  ])('%o', (json, text) => {
    expect(pythonText(json)).toBe(text);
  });
});

describe('fillTemplate', () => {
  test('a short template cannot make an unlimited text', () => {
    const long = 'x'.repeat(1_000_000);
    expect(() => fillTemplate('{a}'.repeat(10_000), () => long)).toThrow('makes a text that is too long');
  });

  const values: Record<string, Json> = {
    name: 'Ada',
    price: 1234.5,
    tags: ['x', 'y'],
    inner: { key: 'v' },
    n: 7,
  };
  const fill = (template: string): string => fillTemplate(template, (name) => values[name] ?? '');

  test.each([
    ['{name}', 'Ada'],
    ['{{name}} {name}', '{name} Ada'],
    ['{inner[key]} {tags[1]}', 'v y'],
    ['{price:.2f}|{price:,.1f}|{n:03d}', '1234.50|1,234.5|007'],
    ['{name:>5}|{name:<5}|{name:^5}|{name:*^7}', '  Ada|Ada  | Ada |**Ada**'],
    ['{n:+d} {price:.0%}', '+7 123450%'],
    ['{tags}', "['x', 'y']"],
    ['{missing}', ''],
  ])('%s', (template, text) => {
    expect(fill(template)).toBe(text);
  });

  test.each([
    ['{', 'single {'],
    ['a } b', 'single }'],
    ['{}', 'names no key'],
    ['{name.__class__}', 'names no key'],
    ['{inner[nope]}', 'there is no nope'],
    ['{inner[__proto__]}', 'there is no __proto__'],
    ['{name:9999d}', 'layout'],
    ['{name:.2f}', 'no number'],
  ])('%s is refused', (template, problem) => {
    expect(() => fill(template)).toThrow(problem);
  });
});

test('fillFromData reads inner data, the whole Data, and an error instead of a missing text', () => {
  expect(fillFromData('{a}-{b}', dataOf({ a: 1, data: { b: 2 } }))).toBe('1-2');
  expect(fillFromData('{data}', dataOf({ a: 1 }))).toBe("{'a': 1}");
  expect(fillFromData('{text}', dataOf({ error: 'broken' }))).toBe('broken');
  expect(fillFromData('{nothing}', dataOf({}))).toBe('');
});
