import type { Json, JsonObject } from '@causeway/dag';
import type { FieldInput } from '../runtime/component.js';
import { CoerceError, describeInput } from './coerce-error.js';
import { asObject, isData, isHandle, isMessage, isPlain, isTable } from './value.js';

/**
 * Makes an object from an object, a list of `{key, value}` rows, a Data, a table of such rows, or JSON text. Rows
 * without a key are left out.
 *
 * @throws CoerceError for text that is no JSON object, or a live object
 */
export function toDict(input: FieldInput): JsonObject {
  if (input === undefined || input === null || input === '') return {};
  if (isData(input)) return input.data;
  if (isTable(input)) return pairs(input.rows);
  if (isPlain(input)) return toDict(input.value as FieldInput);
  if (isMessage(input)) return toDict(input.text);
  if (typeof input === 'string') return parseDict(input);
  if (Array.isArray(input)) return pairs(input as readonly FieldInput[]);
  const object = isHandle(input) ? undefined : asObject(input);
  if (object !== undefined) return object;
  throw new CoerceError(`needs an object, but gets ${describeInput(input)}`);
}

// `fromEntries` defines each key as an own member, so a row named `__proto__` is an ordinary row.
function pairs(rows: readonly (FieldInput | JsonObject)[]): JsonObject {
  return Object.fromEntries(rows.flatMap(pair));
}

function pair(row: FieldInput | JsonObject): [string, Json][] {
  const object = isData(row) ? row.data : asObject(row);
  const key = object?.['key'];
  if (object === undefined || key === undefined) return object === undefined ? [] : Object.entries(object);
  return typeof key === 'string' && key !== '' ? [[key, object['value'] ?? '']] : [];
}

function parseDict(text: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new CoerceError('needs an object, but the text it gets is no JSON');
  }
  if (Array.isArray(parsed)) return pairs(parsed as FieldInput[]);
  const object = asObject(parsed);
  if (object === undefined) throw new CoerceError(`needs an object, but gets ${describeInput(parsed)}`);
  return object;
}
