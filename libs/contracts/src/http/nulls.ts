import { isPlainObject } from '@causeway/dag';
import { z } from 'zod';

/**
 * Takes a null of a body's member as if the member were absent: typed clients send one for every optional field that is not set.
 * A null stays where the member's schema takes it, so that it means something there; a required member cannot be null.
 */
export function absentNulls<T extends z.ZodObject>(schema: T): T {
  const optional = new Set(
    Object.entries(schema.shape)
      .filter(([, member]) => takes(member, undefined) && !takes(member, null))
      .map(([name]) => name),
  );
  const drop = (body: unknown): unknown => {
    if (!isPlainObject(body)) return body ?? {};
    const entries = Object.entries(body);
    if (!entries.some(([name, value]) => value === null && optional.has(name))) return body;
    return Object.fromEntries(entries.filter(([name, value]) => value !== null || !optional.has(name)));
  };
  // What goes in and comes out has the same type: only nulls that the schema refuses are gone.
  return z.preprocess(drop, schema) as unknown as T;
}

function takes(schema: z.core.$ZodType, value: unknown): boolean {
  return z.safeParse(schema, value).success;
}
