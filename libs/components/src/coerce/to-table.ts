import type { JsonObject } from '@causeway/dag';
import { isPlainObject } from '@causeway/dag';
import type { FieldInput } from '../runtime/component.js';
import type { TableValue } from '../specs/values.js';
import { CoerceError, describeInput } from './coerce-error.js';
import { toData } from './to-data.js';
import { asObject, isData, isHandle, isMessage, isPlain, isTable, tableOf } from './value.js';

/**
 * Makes a table from a table, a Data (its only list of objects as rows, else one row), a Message (one row), or lists of
 * these and of JSON objects.
 *
 * @throws CoerceError for a value that has no rows
 */
export function toTable(input: FieldInput): TableValue {
  return isTable(input) ? input : tableOf(rowsOf(input));
}

function rowsOf(input: FieldInput): readonly JsonObject[] {
  if (input === undefined || input === null || input === '') return [];
  if (isTable(input)) return input.rows;
  if (isMessage(input)) return [{ text: input.text }];
  if (isData(input)) return dataRows(input.data);
  if (isPlain(input)) return rowsOf(input.value as FieldInput);
  if (Array.isArray(input)) return (input as readonly FieldInput[]).flatMap(rowsOf);
  if (!isHandle(input) && asObject(input) !== undefined) return dataRows(toData(input).data);
  throw new CoerceError(`needs a Table, but gets ${describeInput(input)}`);
}

/**
 * The rows that a Data represents: those of its only member if that is a list of objects, else the Data itself as one
 * row.
 */
export function dataRows(data: JsonObject): readonly JsonObject[] {
  const members = Object.values(data);
  const only = members.length === 1 ? members[0] : undefined;
  if (Array.isArray(only) && only.every(isPlainObject)) return only as JsonObject[];
  return [data];
}

/** Column names in order of first appearance. */
export function columnsOf(rows: readonly JsonObject[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}
