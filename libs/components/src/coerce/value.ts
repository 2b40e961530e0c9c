import type { Json, JsonObject } from '@causeway/dag';
import { isPlainObject } from '@causeway/dag';
import type { DataValue, MessageValue, PlainValue, TableValue, Value } from '../specs/values.js';

/** A message with this text. */
export function messageOf(
  text: string,
  rest: Omit<Partial<MessageValue>, 'kind' | 'text'> = {},
): MessageValue {
  return { kind: 'message', text, ...rest };
}

/** A Data with these members. */
export function dataOf(data: JsonObject): DataValue {
  return { kind: 'data', data };
}

/** A table with these rows. */
export function tableOf(rows: readonly JsonObject[]): TableValue {
  return { kind: 'table', rows };
}

/** True for a value that came over an edge, false for JSON of the flow itself. */
export function isValue(input: unknown): input is Value {
  return isMessage(input) || isData(input) || isTable(input) || isPlain(input);
}

export function isMessage(input: unknown): input is MessageValue {
  return isPlainObject(input) && input['kind'] === 'message' && typeof input['text'] === 'string';
}

export function isData(input: unknown): input is DataValue {
  return isPlainObject(input) && input['kind'] === 'data' && isPlainObject(input['data']);
}

export function isTable(input: unknown): input is TableValue {
  return isPlainObject(input) && input['kind'] === 'table' && Array.isArray(input['rows']);
}

export function isPlain(input: unknown): input is PlainValue {
  return isPlainObject(input) && input['kind'] === 'plain' && Object.hasOwn(input, 'value');
}

/** True for a live object that came over an edge. */
export function isHandle(input: unknown): input is { kind: 'handle'; type: string; object: unknown } {
  return isPlainObject(input) && input['kind'] === 'handle' && Object.hasOwn(input, 'object');
}

/** A JSON object of any value; undefined when it is none. */
export function asObject(json: unknown): JsonObject | undefined {
  return isPlainObject(json) ? (json as JsonObject) : undefined;
}

/** The text of a Data: its text member, else its default. */
export function dataText(value: DataValue): string | undefined {
  const key = value.textKey ?? 'text';
  if (!Object.hasOwn(value.data, key)) return value.defaultValue;
  const text = value.data[key] as Json;
  return typeof text === 'string' ? text : JSON.stringify(text);
}
