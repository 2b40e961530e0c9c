import { describe, expect, it } from 'vitest';
import { type SchemaField, fitToSchema, objectSchema, parseSchemaRows } from './schema-rows.js';

const fields = (rows: Parameters<typeof parseSchemaRows>[0]): readonly SchemaField[] => {
  const parsed = parseSchemaRows(rows);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};

describe('parseSchemaRows', () => {
  it('names the limit of rows, and reads many rows up to it', () => {
    const many = (count: number): { name: string }[] =>
      Array.from({ length: count }, (_none, index) => ({ name: `field ${index}` }));
    expect(fields(many(1_000))).toHaveLength(1_000);
    expect(parseSchemaRows(many(100_000))).toBe('its output schema has 100000 rows; the limit is 1000');
  });

  it('reads the type names of all versions', () => {
    const rows = ['str', 'text', 'int', 'float', 'bool', 'dict', 'list', 'number'].map((type) => ({
      name: type,
      type,
    }));
    expect(fields(rows).map(({ type }) => type)).toEqual([
      'string',
      'string',
      'integer',
      'number',
      'boolean',
      'object',
      'array',
      'number',
    ]);
  });

  it.each([
    ['True', true],
    ['true', true],
    [true, true],
    ['yes', true],
    ['False', false],
    [false, false],
    [undefined, false],
  ])('reads multiple %s as %s', (multiple, isList) => {
    expect(
      fields([{ name: 'a', type: 'str', ...(multiple === undefined ? {} : { multiple }) }])[0]?.isList,
    ).toBe(isList);
  });

  it.each([
    [[], 'its output schema is empty; add a row for each field wanted'],
    [[{ name: ' ', type: 'str' }], 'a row of its output schema has no name; fill or delete it'],
    [
      [{ name: 'a', type: 'date' }],
      'its output schema gives a the type date; use str, int, float, bool, list or dict',
    ],
    [[{ name: 'a' }, { name: 'a' }], 'its output schema names a twice; keep one'],
  ])('names the problem of %j', (rows, problem) => {
    expect(parseSchemaRows(rows)).toBe(problem);
  });

  it('treats the name of a prototype member as an unknown type', () => {
    expect(parseSchemaRows([{ name: 'a', type: 'constructor' }])).toContain('the type constructor');
  });
});

describe('objectSchema', () => {
  it('is JSON Schema with every field required', () => {
    const rows = [
      { name: 'price', description: 'in euro', type: 'float', multiple: 'False' },
      { name: 'tags', description: '', type: 'str', multiple: 'True' },
    ];
    expect(objectSchema(fields(rows))).toEqual({
      type: 'object',
      properties: {
        price: { type: 'number', description: 'in euro' },
        tags: { type: 'array', items: { type: 'string' }, description: '' },
      },
      required: ['price', 'tags'],
    });
  });
});

describe('fitToSchema', () => {
  const schema = fields([
    { name: 'name', type: 'str' },
    { name: 'age', type: 'int' },
    { name: 'paid', type: 'bool' },
    { name: 'tags', type: 'str', multiple: true },
  ]);

  it('fills missing fields with null and drops those that are not in the schema', () => {
    expect(fitToSchema({ name: 'Ada', more: 1 }, schema)).toEqual({
      name: 'Ada',
      age: null,
      paid: null,
      tags: null,
    });
  });

  it('reads numbers and booleans from texts', () => {
    expect(fitToSchema({ name: 7, age: '36', paid: 'true', tags: 'x' }, schema)).toEqual({
      name: '7',
      age: 36,
      paid: true,
      tags: ['x'],
    });
  });

  it.each([
    [{ age: 'old' }, 'age must be integer, but is a string'],
    [{ age: 1.5 }, 'age must be integer, but is a number'],
    [{ tags: ['a', {}] }, 'tags must be string, but is an object'],
    ['text', 'it is no object'],
  ])('says what does not fit in %j', (value, problem) => {
    expect(fitToSchema(value, schema)).toBe(problem);
  });

  it('keeps NUL and lone surrogates', () => {
    expect(fitToSchema({ name: 'a\u0000\ud800' }, schema)).toMatchObject({ name: 'a\u0000\ud800' });
  });
});
