import { isPlainObject } from '@causeway/dag';
import type { JsonObject } from '@causeway/dag';
import type { FieldInput } from '../runtime/component.js';
import type { DataValue, MessageValue, TableValue } from '../specs/values.js';
import { CoerceError, TooLargeError } from './coerce-error.js';
import { parseCsv } from './text/parse-csv.js';
import { pythonText } from './text/python-text.js';
import { toData } from './to-data.js';
import { toMarkdown } from './to-markdown.js';
import { dataRows, toTable } from './to-table.js';
import { toText } from './to-text.js';
import {
  asObject,
  dataOf,
  dataText,
  isData,
  isMessage,
  isPlain,
  isTable,
  messageOf,
  tableOf,
} from './value.js';

/** A Message: as it is; a Data's text, or all of it; a table as markdown. */
export function convertToMessage(input: FieldInput): MessageValue {
  const one = first(input);
  if (isMessage(one)) return one;
  if (isTable(one)) return messageOf(toMarkdown(one.rows, true));
  if (typeof one === 'string') return messageOf(one);
  const value = isData(one) ? one : asObject(one) === undefined ? undefined : toData(one);
  if (value === undefined) return messageOf(toText(one));
  const hasText = Object.hasOwn(value.data, value.textKey ?? 'text');
  return messageOf(hasText ? (dataText(value) ?? '') : pythonText(value.data));
}

/** A Data: as it is; a Message's text, read as JSON or CSV when `parse` says so; a table's rows as `results`. */
export function convertToData(input: FieldInput, parse: boolean): DataValue {
  const one = first(input);
  const value = toData(one);
  return parse && (isMessage(one) || typeof one === 'string') ? parseStructured(value) : value;
}

/** A Table: as it is; a Data's rows; a Message as one row, or its JSON or CSV when `parse` says so. */
export function convertToTable(input: FieldInput, parse: boolean): TableValue {
  const one = first(input);
  return isTable(one)
    ? one
    : isMessage(one) || typeof one === 'string'
      ? tableOf(dataRows(convertToData(one, parse).data))
      : toTable(input);
}

/**
 * The Data that a Data's text contains: a JSON object, a JSON list of objects (`records`) or CSV (`records`); else the
 * Data itself.
 */
function parseStructured(value: DataValue): DataValue {
  const text = (dataText(value) ?? '').replace(/^\uFEFF/, '').trim();
  const json = parseJson(text);
  if (isPlainObject(json)) return dataOf(json as JsonObject);
  if (Array.isArray(json) && json.every(isPlainObject)) return dataOf({ records: json as JsonObject[] });
  const head = text.split('\n', 2);
  if (head.length < 2 || !(head[0] as string).includes(',')) return value;
  try {
    return dataOf({ records: [...parseCsv(text)] });
  } catch (error) {
    // A text with commas is not always CSV.
    if (error instanceof CoerceError && !(error instanceof TooLargeError)) return value;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function first(input: FieldInput): FieldInput {
  const list = isPlain(input) ? (input.value as FieldInput) : input;
  return Array.isArray(list) ? (list[0] as FieldInput) : list;
}
