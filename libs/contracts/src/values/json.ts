import { type Json, type JsonObject as DagObject, isPlainObject } from '@causeway/dag';
import { z } from 'zod';

const scalars: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'object']);

/**
 * Any JSON value. The value comes from `JSON.parse`, so only its own type is checked: checking each item of a list of
 * millions would block the process. The depth of a caller's text is checked before it is parsed.
 */
export const JsonValue = z.custom<Json>((value) => scalars.has(typeof value), 'expected a JSON value');

/** A JSON object with any members, checked as `JsonValue` is. */
export const JsonObject = z
  .custom<DagObject>(isPlainObject, 'expected an object')
  .meta({ type: 'object', additionalProperties: {} });

/** The JSON of an object, as its text: a large object passes through a process without being parsed there. */
export class JsonText {
  constructor(readonly text: string) {}
}

/** A JSON object whose text is kept when the body around it is parsed. */
export const JsonObjectText = z
  .custom<JsonText>((value) => value instanceof JsonText, 'expected an object')
  .meta({ type: 'object', additionalProperties: {} });

/**
 * A list of at most `max` items. A longer one is cut to one item more than the limit before its items are checked, and
 * refused because of that item.
 */
export function shortList<T extends z.ZodType>(item: T, max: number) {
  return z.preprocess(
    (value) => (Array.isArray(value) && value.length > max ? value.slice(0, max + 1) : value),
    z.array(item).max(max),
  );
}
