import type { Json, JsonObject } from '@causeway/dag';
import type { FieldInput } from '../runtime/component.js';
import type { DataValue } from '../specs/values.js';
import { CoerceError, describeInput } from './coerce-error.js';
import { asObject, dataOf, isData, isHandle, isMessage, isPlain, isTable } from './value.js';

/**
 * Makes a Data from a Data, a Message (its text), a table (`results`: its rows), a JSON object, also in the form in
 * which Langflow writes a Data, or text (`text`).
 *
 * @throws CoerceError for a list or a live object
 */
export function toData(input: FieldInput): DataValue {
  if (isData(input)) return input;
  if (isMessage(input)) return dataOf({ text: input.text });
  if (isTable(input)) return dataOf({ results: [...input.rows] });
  if (isPlain(input) && !Array.isArray(input.value)) return toData(input.value as FieldInput);
  if (typeof input === 'string') return dataOf({ text: input });
  const object = isHandle(input) || isPlain(input) ? undefined : asObject(input);
  if (object !== undefined) return writtenData(object);
  throw new CoerceError(`needs Data, but gets ${describeInput(input)}`);
}

/** Makes a list of Data from one or several inputs; a table gives one Data per row. */
export function toDataList(input: FieldInput): readonly DataValue[] {
  if (input === undefined || input === null || input === '') return [];
  if (Array.isArray(input)) return (input as readonly FieldInput[]).flatMap(toDataList);
  if (isPlain(input)) return toDataList(input.value as FieldInput);
  if (isTable(input)) return input.rows.map(dataOf);
  return [toData(input)];
}

// Langflow writes a Data as `{data: {…}, text_key, default_value}`.
function writtenData(object: JsonObject): DataValue {
  const inner = asObject(object['data']);
  const textKey: Json | undefined = object['text_key'];
  if (inner === undefined || typeof textKey !== 'string') return dataOf(object);
  const fallback = object['default_value'];
  return {
    kind: 'data',
    data: inner,
    textKey,
    ...(typeof fallback === 'string' ? { defaultValue: fallback } : {}),
  };
}
