import { exampleNumber } from './example-number.js';
import { exampleString, isTellingName } from './example-string.js';
import {
  combineSchemas,
  type FlatSchema,
  flattenSchema,
  isJsonObject,
  isSameJson,
  type JsonObject,
  typesOf,
} from './flatten-schema.js';
import { compilePattern } from './sample-pattern.js';

/** Past this many nodes, only what is required is still filled in. */
const LEAN_AFTER_NODES = 2_000;
/** Past this many nodes nothing more is built. */
const MAX_NODES = 20_000;
const MAX_DEPTH = 100;
/** No array is made longer than this, whatever `minItems` says. */
const MAX_ITEMS = 1_000;

/** Means that a schema cannot be met here (a recursion, `false`, contradicting types). */
const NONE = Symbol('no instance');

interface Build {
  readonly root: unknown;
  readonly userText: string;
  nodes: number;
  depth: number;
}

/**
 * An instance of a JSON Schema with plausible values: they come from constants, enums, defaults, formats, patterns and
 * the names of fields. The same schema and text always give the same value.
 *
 * Optional properties are filled in too; a nullable one gets a value rather than null. Of `anyOf` and `oneOf` the first
 * alternative that can be met is taken. `not`, `if`, `contains`, `propertyNames` and `$dynamicRef` are ignored.
 *
 * @param userText  goes (cut at 200 characters) into fields that ask for it: `query`, `input`, `question`, …
 * @returns         null when no finite instance can be found
 */
export function schemaInstance(schema: unknown, userText = ''): unknown {
  const value = build(schema, '', [], 0, { root: schema, userText, nodes: 0, depth: 0 });
  return value === NONE ? null : value;
}

function build(schema: unknown, name: string, refs: readonly string[], nth: number, run: Build): unknown {
  run.nodes += 1;
  if (run.nodes > MAX_NODES || run.depth >= MAX_DEPTH) return NONE;
  const flat = flattenSchema(schema, run.root, refs);
  if (flat === undefined) return NONE;
  run.depth += 1;
  const value = buildFlat(flat, name, nth, run);
  run.depth -= 1;
  return value;
}

function buildFlat(flat: FlatSchema, name: string, nth: number, run: Build): unknown {
  const { schema, choices, refs } = flat;
  if (nth === 0 && isUsableDefault(flat, name)) return schema['default'];
  const [alternatives, ...rest] = choices;
  if (alternatives === undefined) return buildLeaf(flat, name, nth, run);
  for (const alternative of valuesBeforeNull(alternatives)) {
    run.nodes += 1;
    if (run.nodes > MAX_NODES) return NONE;
    const merged = combineSchemas({ ...flat, choices: rest }, flattenSchema(alternative, run.root, refs));
    const value = merged === undefined ? NONE : buildFlat(merged, name, nth, run);
    if (value !== NONE) return value;
  }
  return NONE;
}

/** An empty default is ignored when the field's name shows its content. */
function isUsableDefault({ schema, choices }: FlatSchema, name: string): boolean {
  if (!('default' in schema)) return false;
  const value = schema['default'];
  if ((value === '' || value === null) && isTellingName(name)) return false;
  return choices.length > 0 || (fitsType(value, typesOf(schema)) && isAmong(value, schema['enum']));
}

function buildLeaf(flat: FlatSchema, name: string, nth: number, run: Build): unknown {
  const { schema } = flat;
  if ('const' in schema) return fitsType(schema['const'], typesOf(schema)) ? schema['const'] : NONE;
  if (Array.isArray(schema['enum'])) {
    const fitting = schema['enum'].filter((value) => fitsType(value, typesOf(schema)));
    return fitting.length === 0 ? NONE : fitting[nth % fitting.length];
  }
  const types = typesOf(schema).length === 0 ? [impliedType(schema)] : typesOf(schema);
  for (const type of [...types].sort((a, b) => Number(a === 'null') - Number(b === 'null'))) {
    const value = buildTyped(type, flat, name, nth, run);
    if (value !== NONE) return value;
  }
  return NONE;
}

function buildTyped(type: unknown, flat: FlatSchema, name: string, nth: number, run: Build): unknown {
  switch (type) {
    case 'object':
      return buildObject(flat, nth, run);
    case 'array':
      return buildArray(flat, name, nth, run);
    case 'string':
      return exampleString(name, flat.schema, run.userText, nth);
    case 'number':
    case 'integer':
      return exampleNumber(name, flat.schema, type === 'integer', nth);
    case 'boolean':
      return nth % 2 === 0;
    case 'null':
      return null;
    default:
      return NONE;
  }
}

function buildObject({ schema, refs }: FlatSchema, nth: number, run: Build): unknown {
  const declared = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const room = typeof schema['maxProperties'] === 'number' ? schema['maxProperties'] : Infinity;
  const built = new Map<string, unknown>();
  const undeclared = required.filter((name) => !Object.hasOwn(declared, name));
  for (const name of [...Object.keys(declared), ...undeclared]) {
    const isRequired = required.includes(name);
    const missing = required.filter((other) => !built.has(other)).length;
    if (!isRequired && (run.nodes > LEAN_AFTER_NODES || built.size + missing >= room)) continue;
    const part = Object.hasOwn(declared, name) ? declared[name] : undeclaredSchema(schema, name);
    const value = build(part, name, refs, nth, run);
    if (value !== NONE) built.set(name, value);
    else if (isRequired) return NONE;
  }
  const least =
    typeof schema['minProperties'] === 'number' ? Math.min(schema['minProperties'], MAX_ITEMS) : 0;
  for (let index = 1; built.size < least; index += 1) {
    const value = build(undeclaredSchema(schema, `item_${index}`), `item_${index}`, refs, nth, run);
    if (value === NONE) return NONE;
    built.set(`item_${index}`, value);
  }
  return Object.fromEntries(built);
}

function undeclaredSchema(schema: JsonObject, name: string): unknown {
  const patterns = isJsonObject(schema['patternProperties']) ? schema['patternProperties'] : {};
  for (const [pattern, part] of Object.entries(patterns)) {
    if (compilePattern(pattern)?.test(name) === true) return part;
  }
  return schema['additionalProperties'] ?? true;
}

function buildArray({ schema, refs }: FlatSchema, name: string, nth: number, run: Build): unknown {
  const { items, prefixItems, additionalItems, minItems, maxItems, uniqueItems } = schema;
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  const others = (Array.isArray(items) ? additionalItems : items) ?? true;
  const least = typeof minItems === 'number' ? Math.min(minItems, MAX_ITEMS) : 0;
  const most = typeof maxItems === 'number' ? maxItems : Infinity;
  const wanted = Math.min(Math.max(least, tuple.length, 1), most);
  const built: unknown[] = [];
  for (let index = 0; index < wanted; index += 1) {
    if (run.nodes > LEAN_AFTER_NODES && index >= least) break;
    const part = index < tuple.length ? tuple[index] : others;
    const salt = uniqueItems === true ? nth + index : nth;
    const value = build(part, name.replace(/s$/, ''), refs, salt, run);
    if (value === NONE && index < least) return NONE;
    if (value === NONE) break;
    built.push(value);
  }
  return built;
}

function valuesBeforeNull(alternatives: readonly unknown[]): readonly unknown[] {
  const isNull = (part: unknown): boolean => isJsonObject(part) && part['type'] === 'null';
  return [...alternatives.filter((part) => !isNull(part)), ...alternatives.filter(isNull)];
}

function impliedType(schema: JsonObject): string {
  const has = (...keywords: string[]): boolean => keywords.some((keyword) => keyword in schema);
  if (has('properties', 'required', 'additionalProperties', 'patternProperties', 'minProperties'))
    return 'object';
  if (has('items', 'prefixItems', 'minItems', 'uniqueItems')) return 'array';
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number';
  return 'string';
}

function isAmong(value: unknown, allowed: unknown): boolean {
  return !Array.isArray(allowed) || allowed.some((other) => isSameJson(value, other));
}

function fitsType(value: unknown, types: readonly unknown[]): boolean {
  return types.length === 0 || types.some((type) => isOfType(value, type));
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isJsonObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
