import { type Json, type JsonObject as DagObject, isPlainObject } from '@causeway/dag';
import { z } from 'zod';

const scalars: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'object']);

/**
 * Any JSON value. What it is asked about came out of `JSON.parse`, so only its own type is looked at: a walk through a list
 * of millions would hold up everybody. A caller's text is checked for its depth before it is parsed.
 */
export const JsonValue = z.custom<Json>((value) => scalars.has(typeof value), 'expected a JSON value');

/** A JSON object with any members, looked at as `JsonValue` is. */
export const JsonObject = z
  .custom<DagObject>(isPlainObject, 'expected an object')
  .meta({ type: 'object', additionalProperties: {} });

/** The JSON of an object, as its text: what is large passes a process without being parsed there. */
export class JsonText {
  constructor(readonly text: string) {}
}

/** A JSON object that whoever parses the body leaves as its text. */
export const JsonObjectText = z
  .custom<JsonText>((value) => value instanceof JsonText, 'expected an object')
  .meta({ type: 'object', additionalProperties: {} });

/** A list of at most `max` items. One that is longer is cut one past the limit before its items are looked at, and refused by that. */
export function shortList<T extends z.ZodType>(item: T, max: number) {
  return z.preprocess(
    (value) => (Array.isArray(value) && value.length > max ? value.slice(0, max + 1) : value),
    z.array(item).max(max),
  );
}
