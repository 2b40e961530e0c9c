import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { schemaInstance } from './schema-instance.js';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

function expectValid(schema: unknown, value: unknown): void {
  const validate = ajv.compile(schema as object);
  expect({ value, errors: validate(value) ? null : validate.errors }).toEqual({ value, errors: null });
}

const person = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0, maximum: 17 } },
  required: ['name'],
  additionalProperties: false,
};
const tree = {
  $ref: '#/$defs/node',
  $defs: {
    node: {
      type: 'object',
      properties: {
        value: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/$defs/node' } },
        next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
        left: { $ref: '#/$defs/node' },
      },
      required: ['value', 'children', 'next'],
    },
  },
};

const SCHEMAS: Record<string, unknown> = {
  'a nested object': { type: 'object', properties: { owner: person }, required: ['owner'] },
  'a recursion': tree,
  'an array with minItems': { type: 'array', items: person, minItems: 3 },
  'an array that stays empty': { type: 'array', items: person, maxItems: 0 },
  'unique strings': { type: 'array', items: { type: 'string' }, minItems: 4, uniqueItems: true },
  'unique numbers': { type: 'array', items: { type: 'number', minimum: 7 }, minItems: 4, uniqueItems: true },
  'unique enums': { type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 3, uniqueItems: true },
  'unique e-mails': {
    type: 'array',
    items: { type: 'string', format: 'email' },
    minItems: 3,
    uniqueItems: true,
  },
  'a tuple': {
    type: 'array',
    prefixItems: [{ type: 'string' }, { type: 'integer' }],
    items: false,
    minItems: 2,
  },
  'an enum': { enum: ['red', 'green'] },
  'an enum whose first value is of another type': { type: 'integer', enum: ['one', 2] },
  'a const': { const: { a: [1] } },
  'a default': { type: 'integer', default: 42 },
  'a default of another type': { type: 'integer', default: 'x' },
  'a nullable type': { type: ['null', 'string'], minLength: 3 },
  'only null': { type: 'null' },
  anyOf: { anyOf: [{ type: 'null' }, { type: 'integer', minimum: 10 }] },
  'anyOf beside properties': { ...person, anyOf: [{ required: ['age'] }, { required: ['name'] }] },
  'oneOf told apart by a const': {
    oneOf: [
      { type: 'object', properties: { kind: { const: 'a' }, n: { type: 'number' } }, required: ['kind'] },
      { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] },
    ],
  },
  'allOf with tighter bounds': {
    allOf: [
      { type: 'object', properties: { n: { type: 'number', minimum: 3 } } },
      {
        properties: { n: { type: 'integer', maximum: 4 }, m: { type: 'string', minLength: 30 } },
        required: ['m', 'n'],
      },
    ],
  },
  'a reference with company': {
    $ref: '#/$defs/n',
    maximum: 6,
    $defs: { n: { type: 'integer', minimum: 6 } },
  },
  'a reference with escapes': { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': { type: 'boolean' } } },
  'exclusive bounds': { type: 'integer', exclusiveMinimum: 4, exclusiveMaximum: 6 },
  'a narrow range of numbers': { type: 'number', exclusiveMinimum: 0.1, maximum: 0.2 },
  'only a negative maximum': { type: 'number', maximum: -5 },
  'a multiple': { type: 'integer', multipleOf: 7, minimum: 15 },
  'a fractional multiple': { type: 'number', multipleOf: 0.25, minimum: 1.1 },
  'an integer on a fractional grid': { type: 'integer', multipleOf: 1.5, minimum: 1 },
  'string lengths': { type: 'string', minLength: 60, maxLength: 61 },
  'a short string': { type: 'string', maxLength: 3 },
  'a record': { type: 'object', additionalProperties: { type: 'number' }, minProperties: 2 },
  'patternProperties for a required name': {
    type: 'object',
    patternProperties: { '^x_': { type: 'integer' } },
    additionalProperties: false,
    required: ['x_1'],
  },
  'at most one property': { ...person, maxProperties: 1 },
  'no type but its keywords': { properties: { a: { items: { minimum: 3 } } }, required: ['a'] },
  'anything at all': {},
  'a name that is not a plain key': JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"]}',
  ),
};
for (const format of [
  'date-time',
  'date',
  'time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uuid',
  'regex',
  'json-pointer',
  'uri-reference',
  'byte',
])
  SCHEMAS[`format ${format}`] = { type: 'string', format };
for (const pattern of [
  '^[A-Z]{3}-\\d{4}$',
  '^(foo|bar)+$',
  '^#[0-9a-fA-F]{6}$',
  '^\\+?[1-9]\\d{1,14}$',
  '[^a-z]{2}',
  '^(?:v)?\\d+\\.\\d+(?!x)$',
  '^\\p{Lu}\\w*\\s.$',
  'a{2,}b?',
  '^$',
  '^.{12,14}$',
  '^\\u0041\\x42$',
])
  SCHEMAS[`pattern ${pattern}`] = { type: 'string', pattern };
SCHEMAS['a pattern with a length'] = { type: 'string', pattern: '^[a-c]+$', minLength: 33, maxLength: 200 };

describe('an instance meets its schema', () => {
  test.each(Object.entries(SCHEMAS))('%s', (_title, schema) => {
    expectValid(schema, schemaInstance(schema, 'How are you?'));
  });

  test('schemas that zod writes', () => {
    const shape = z.object({
      id: z.uuid(),
      email: z.email(),
      at: z.iso.datetime(),
      site: z.url(),
      tags: z.array(z.string()).min(2),
      kind: z.discriminatedUnion('type', [
        z.object({ type: z.literal('a'), n: z.int().positive() }),
        z.object({ type: z.literal('b') }),
      ]),
      note: z.string().nullable().optional(),
      scores: z.record(z.string(), z.number().gte(0).lte(1)),
      pair: z.tuple([z.string(), z.number()]),
      level: z.enum(['low', 'high']),
    });
    expect(shape.safeParse(schemaInstance(z.toJSONSchema(shape))).error).toBeUndefined();
  });

  test('any schema out of these parts', () => {
    // The validator overlooks a property of this name, and then takes it for an additional one.
    const name = fc.string().filter((text) => text !== '__proto__');
    const leaf = fc.oneof(
      fc.record({
        type: fc.constant('integer'),
        minimum: fc.integer({ min: -50, max: 0 }),
        maximum: fc.integer({ min: 0, max: 50 }),
      }),
      fc.record({ type: fc.constant('number'), exclusiveMinimum: fc.integer({ min: -50, max: 0 }) }),
      fc
        .tuple(fc.nat(40), fc.nat(40))
        .map(([least, more]) => ({ type: 'string', minLength: least, maxLength: least + more })),
      fc.record({ enum: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }) }),
      fc.jsonValue({ maxDepth: 2 }).map((value) => ({ const: value })),
      fc.constantFrom(
        { type: 'boolean' },
        { type: ['string', 'null'] },
        { type: 'null' },
        { $ref: '#/$defs/shared' },
      ),
    );
    const { schema } = fc.letrec<{ schema: object }>((tie) => ({
      schema: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat(3) }),
        fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
        fc
          .tuple(fc.dictionary(name, tie('schema'), { maxKeys: 4 }), fc.boolean())
          .map(([properties, all]) => ({
            type: 'object',
            properties,
            required: all ? Object.keys(properties) : [],
            additionalProperties: false,
          })),
      ),
    }));
    fc.assert(
      fc.property(schema, fc.string(), (part, userText) => {
        const whole = { allOf: [part], $defs: { shared: person } };
        expectValid(whole, schemaInstance(whole, userText));
        expect(schemaInstance(whole, userText)).toEqual(schemaInstance(whole, userText));
      }),
      { numRuns: 300 },
    );
  });
});

describe('values read sensibly', () => {
  const instanceOf = (properties: Record<string, unknown>): unknown =>
    schemaInstance({ type: 'object', properties }, 'What is 3 times 4?');
  const text = { type: 'string' };

  test('a name says what a string holds', () => {
    expect(
      instanceOf({
        expression: text,
        url: text,
        query: text,
        firstName: text,
        urls: { type: 'array', items: text },
      }),
    ).toEqual({
      expression: '2+2',
      url: 'https://example.com',
      query: 'What is 3 times 4?',
      firstName: 'Example first name',
      urls: ['https://example.com'],
    });
  });

  test('an empty default is replaced only when the field’s name shows its content', () => {
    expect(instanceOf({ input_value: { ...text, default: '' }, filter: { ...text, default: '' } })).toEqual({
      input_value: 'What is 3 times 4?',
      filter: '',
    });
  });

  test('the user’s text is cut at 200 characters, never inside one', () => {
    const value = schemaInstance({ type: 'object', properties: { query: text } }, '😀'.repeat(300));
    expect(value).toEqual({ query: '😀'.repeat(200) });
  });
});

describe('a schema that can’t be met', () => {
  test.each([
    ['false', false],
    ['an endless object', { $ref: '#', type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }],
    ['contradicting types', { allOf: [{ type: 'string' }, { type: 'integer' }] }],
    ['an unknown type', { type: 'hologram' }],
  ])('%s gives null', (_title, schema) => {
    expect(schemaInstance(schema)).toBeNull();
  });

  test('many definitions that all name each other still end soon', () => {
    const names = Array.from({ length: 12 }, (_, index) => `d${index}`);
    const properties = Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]));
    const definition = { type: 'object', properties };
    const schema = { ...definition, $defs: Object.fromEntries(names.map((name) => [name, definition])) };
    const began = process.threadCpuUsage();
    expectValid(schema, schemaInstance(schema));
    expect(process.threadCpuUsage(began).user / 1_000).toBeLessThan(2_000);
  });

  test('a pattern made to backtrack does not block the caller', () => {
    const began = process.threadCpuUsage();
    expect(typeof schemaInstance({ type: 'string', pattern: '^(a+)+(?=b)c$' })).toBe('string');
    expect(process.threadCpuUsage(began).user / 1_000).toBeLessThan(2_000);
  });
});
