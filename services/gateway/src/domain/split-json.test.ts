import { describe, expect, it } from 'vitest';
import { SplitError, splitJson } from './split-json.js';

const limits = { levels: 200, values: 1_000, restBytes: 1_000 };
function split(text: string, path: string[], over: Partial<typeof limits> = {}) {
  const splitting = splitJson(Buffer.from(text), path, { ...limits, ...over });
  let turns = 0;
  for (;;) {
    const step = splitting.next();
    if (step.done) return { rest: `${step.value.rest}`, objects: step.value.objects.map(String), turns };
    turns++;
  }
}
const problemOf = (text: string, over: Partial<typeof limits> = {}): unknown => {
  try {
    return split(text, ['data'], over);
  } catch (error) {
    return error instanceof SplitError ? (error.problem ?? error.message) : error;
  }
};

describe('splitJson', () => {
  it.each([
    [
      '{"name":"n", "data" : {"a":[1,"}\\"{"]} ,"x":1}',
      '{"name":"n", "data" : {"":0} ,"x":1}',
      ['{"a":[1,"}\\"{"]}'],
    ],
    // The name may be written with escapes, and may occur more than once.
    ['{"d\\u0061ta":{"a":1},"data":{}}', '{"d\\u0061ta":{"":0},"data":{"":1}}', ['{"a":1}', '{}']],
    // A name at another place is left, and so is a value that is not an object.
    ['{"x":{"data":{"a":1}},"datas":{}}', '{"x":{"data":{"a":1}},"datas":{}}', []],
    ['{"data":null}', '{"data":null}', []],
    ['{"data":[{"data":{}}]}', '{"data":[{"data":{}}]}', []],
    ['[{"data":{}}]', '[{"data":{}}]', []],
    [' "data" ', ' "data" ', []],
    ['{}', '{}', []],
  ])('takes the object out of %s', (text, rest, objects) => {
    expect(split(text, ['data'])).toEqual({ rest, objects, turns: 0 });
  });

  it('takes objects out of the items of a list', () => {
    const text = '{"flows":[{"data":{"a":1},"name":"n"},7,{"data":{"b":"é"}},[]]}';
    expect(split(text, ['flows', '*', 'data'])).toMatchObject({
      rest: '{"flows":[{"data":{"":0},"name":"n"},7,{"data":{"":1}},[]]}',
      objects: ['{"a":1}', '{"b":"é"}'],
    });
  });

  it('names the problem of a text', () => {
    expect(problemOf(`{"data":${'['.repeat(200)}`)).toBe('deep');
    expect(problemOf(`{"x":${'['.repeat(199)}${']'.repeat(199)}}`)).toHaveProperty('rest');
    expect(problemOf(`{"data":{"a":[${'1,'.repeat(1_000)}1]}}`)).toBe('values');
    expect(problemOf(`{"x":[${'1,'.repeat(1_000)}1]}`)).toBe('values');
    expect(problemOf(`{"x":"${'x'.repeat(1_000)}"}`)).toBe('rest');
    expect(problemOf(`{"data":{"x":"${'x'.repeat(1_000)}"}}`)).toHaveProperty('rest');
    for (const text of [
      '',
      '{',
      '{"a"',
      '{"a":1',
      '{"data":{',
      '{"data":{"a',
      '{,}',
      '{"a" 1}',
      '{"a":1}x',
      '[1',
    ])
      expect(problemOf(text)).toMatch(/^unexpected .* at byte \d+$/);
    expect(problemOf(`{"x":${'1'.repeat(2_000)}}`, { restBytes: 10_000 })).toMatch(/^unexpected/);
  });

  it('stops between pieces of a long text, within a text as well', () => {
    const long = 'x'.repeat(2 * 1024 * 1024);
    expect(split(`{"data":{"a":"${long}"}}`, ['data']).turns).toBeGreaterThanOrEqual(7);
    const values = `[${'[],'.repeat(300_000)}[]]`;
    expect(split(`{"data":{"a":${values}}}`, ['data'], { values: 1e6 }).turns).toBeGreaterThanOrEqual(3);
  });
});
