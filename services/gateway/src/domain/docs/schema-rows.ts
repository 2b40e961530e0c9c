import type { Schema } from './operations.js';

/** A member of what is sent or answered. */
export interface SchemaRow {
  /** Its place: `steps[].error.code`; empty for the whole. */
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly description?: string;
}

const MOST_ROWS = 300;
const MOST_DEPTH = 8;

/** The members of a schema, with those of its objects and lists below them. */
export function schemaRows(schema: Schema): SchemaRow[] {
  const rows: SchemaRow[] = [];
  const whole = withoutNull(schema);
  if (!whole.properties) rows.push({ name: '', type: typeText(schema), isRequired: true });
  addMembers(rows, schema, '', 0);
  return rows.slice(0, MOST_ROWS);
}

/** What a value must be, in words. */
export function typeText(schema: Schema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeText))].join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length === 0) return 'any JSON';
  return types.map((type) => namedType(type, schema)).join(' or ') + limits(schema);
}

function addMembers(rows: SchemaRow[], schema: Schema, place: string, depth: number): void {
  if (depth > MOST_DEPTH || rows.length > MOST_ROWS) return;
  for (const one of schema.anyOf ?? []) addMembers(rows, one, place, depth);
  if (schema.items) addMembers(rows, schema.items, `${place}[]`, depth + 1);
  if (typeof schema.additionalProperties === 'object' && place !== '')
    addMembers(rows, schema.additionalProperties, `${place}.*`, depth + 1);
  for (const [member, own] of Object.entries(schema.properties ?? {})) {
    const name = place === '' ? member : `${place}.${member}`;
    const row: SchemaRow = {
      name,
      type: typeText(own) + defaultText(own),
      isRequired: schema.required?.includes(member) ?? false,
      ...(own.description !== undefined && { description: own.description }),
    };
    if (!rows.some((known) => known.name === name)) rows.push(row);
    addMembers(rows, own, name, depth + 1);
  }
}

function namedType(type: string, { format, items }: Schema): string {
  if (type === 'string') return texts.get(format ?? '') ?? 'text';
  if (type === 'array') return items === undefined ? 'list' : `list of ${typeText(items)}`;
  return names.get(type) ?? type;
}

function limits(schema: Schema): string {
  const { minLength, maxLength, minItems, maxItems, minimum, maximum, exclusiveMinimum } = schema;
  const said = [
    range(minLength, maxLength, 'characters'),
    range(minItems, maxItems, 'items'),
    // What JavaScript can count to is no limit that anybody chose.
    range(safe(minimum), safe(maximum), ''),
    exclusiveMinimum === undefined ? undefined : `more than ${exclusiveMinimum}`,
  ].filter((text) => text !== undefined);
  return said.length === 0 ? '' : `, ${said.join(', ')}`;
}

function range(least: number | undefined, most: number | undefined, of: string): string | undefined {
  if (least === undefined && most === undefined) return undefined;
  const unit = of === '' ? '' : ` ${of}`;
  if (most === undefined) return `at least ${least}${unit}`;
  return least === undefined || (least === 0 && of !== '')
    ? `at most ${most}${unit}`
    : `${least} to ${most}${unit}`;
}

function safe(limit: number | undefined): number | undefined {
  return limit === undefined || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? undefined : limit;
}

function defaultText({ default: value }: Schema): string {
  return value === undefined ? '' : `; ${JSON.stringify(value)} if absent`;
}

function withoutNull(schema: Schema): Schema {
  return schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
}

const names: ReadonlyMap<string, string> = new Map([
  ['integer', 'whole number'],
  ['number', 'number'],
  ['boolean', 'true or false'],
  ['object', 'object'],
  ['null', 'null'],
]);

const texts: ReadonlyMap<string, string> = new Map([
  ['uuid', 'id (UUID)'],
  ['date-time', 'time (ISO 8601)'],
  ['uri', 'address (URL)'],
  ['binary', 'file'],
]);
