import { isPlainObject, type Json, type JsonObject } from '@causeway/dag';

/** One field of an output schema, as a row of the node's table defines it. */
export interface SchemaField {
  readonly name: string;
  readonly description: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  /** Whether it is a list of values of the type. */
  readonly isList: boolean;
}

const types: Readonly<Record<string, SchemaField['type']>> = {
  str: 'string',
  text: 'string',
  string: 'string',
  int: 'integer',
  integer: 'integer',
  float: 'number',
  number: 'number',
  bool: 'boolean',
  boolean: 'boolean',
  list: 'array',
  dict: 'object',
};

/** Most rows of a schema, since a model must fill all of them at once. */
const maxRows = 1_000;

/**
 * Reads the rows of an output schema: name, description, type, multiple.
 *
 * @returns fields, or a text that names the problem of the table
 */
export function parseSchemaRows(rows: readonly JsonObject[]): readonly SchemaField[] | string {
  if (rows.length > maxRows) return `its output schema has ${rows.length} rows; the limit is ${maxRows}`;
  const fields: SchemaField[] = [];
  const names = new Set<string>();
  for (const row of rows) {
    const name = String(row['name'] ?? '').trim();
    const given = String(row['type'] ?? 'str')
      .trim()
      .toLowerCase();
    const type = Object.hasOwn(types, given) ? types[given] : undefined;
    if (name === '') return 'a row of its output schema has no name; fill or delete it';
    if (type === undefined) {
      return `its output schema gives ${name.slice(0, 60)} the type ${given.slice(0, 60)}; use str, int, float, bool, list or dict`;
    }
    if (names.has(name)) return `its output schema names ${name.slice(0, 60)} twice; keep one`;
    names.add(name);
    const description = String(row['description'] ?? '');
    fields.push({ name, description, type, isList: isTrue(row['multiple']) });
  }
  return fields.length === 0 ? 'its output schema is empty; add a row for each field wanted' : fields;
}

/** JSON Schema of an object with these fields. */
export function objectSchema(fields: readonly SchemaField[]): JsonObject {
  const properties = fields.map(({ name, description, type, isList }): [string, Json] => [
    name,
    { ...(isList ? { type: 'array', items: itemSchema(type) } : itemSchema(type)), description },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: fields.map(({ name }) => name),
  };
}

/**
 * Converts a model's object to the schema: every field is present (null if the model gave none), no others, and texts
 * that contain numbers or booleans are converted.
 *
 * @returns the object, or a text that names what does not fit
 */
export function fitToSchema(value: Json, fields: readonly SchemaField[]): JsonObject | string {
  if (!isPlainObject(value)) return 'it is no object';
  const fitted: [string, Json][] = [];
  for (const { name, type, isList } of fields) {
    const given = Object.hasOwn(value, name) ? (value[name] as Json) : null;
    const items = !isList || given === null ? [given] : Array.isArray(given) ? given : [given];
    const fittedItems = items.map((item) => fitValue(item, type));
    const misfit = fittedItems.indexOf(undefined);
    if (misfit >= 0) return `${name} must be ${type}, but is ${typeName(items[misfit])}`;
    fitted.push([name, isList && given !== null ? (fittedItems as Json[]) : (fittedItems[0] as Json)]);
  }
  return Object.fromEntries(fitted);
}

function itemSchema(type: SchemaField['type']): JsonObject {
  if (type === 'array') return { type, items: {} };
  return type === 'object' ? { type, additionalProperties: true } : { type };
}

function fitValue(value: Json, type: SchemaField['type']): Json | undefined {
  if (value === null) return null;
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : typeof value === 'object' ? undefined : String(value);
    case 'integer':
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
      return type === 'number' || Number.isInteger(number) ? number : undefined;
    }
    case 'boolean':
      if (typeof value === 'boolean') return value;
      return value === 'true' ? true : value === 'false' ? false : undefined;
    case 'array':
      return Array.isArray(value) ? value : undefined;
    case 'object':
      return isPlainObject(value) ? (value as JsonObject) : undefined;
  }
}

function typeName(value: Json | undefined): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isTrue(value: Json | undefined): boolean {
  return value === true || /^(true|1|t|y|yes)$/i.test(String(value ?? '').trim());
}
