import { isPlainObject } from '@causeway/dag';
import { z } from 'zod';

/**
 * Treats a null in a body as if its member were absent: typed clients send a null for every optional member that is not
 * set. A null is kept where the member's schema accepts it, because it has a meaning there; a required member cannot be
 * null. Of several shapes, one that accepts a null keeps it.
 */
export function absentNulls<T extends z.ZodObject | z.ZodDiscriminatedUnion>(schema: T): T {
  const shapes =
    schema instanceof z.ZodObject ? [schema] : schema.options.filter((one) => one instanceof z.ZodObject);
  const members = shapes.flatMap(({ shape }) => Object.entries(shape));
  const kept = new Set(members.filter(([, member]) => takes(member, null)).map(([name]) => name));
  const optional = new Set(
    members.filter(([name, member]) => takes(member, undefined) && !kept.has(name)).map(([name]) => name),
  );
  const drop = (body: unknown): unknown => {
    if (!isPlainObject(body)) return body ?? {};
    const entries = Object.entries(body);
    if (!entries.some(([name, value]) => value === null && optional.has(name))) return body;
    return Object.fromEntries(entries.filter(([name, value]) => value !== null || !optional.has(name)));
  };
  // Input and output have the same type: only nulls that the schema refuses are removed.
  return z.preprocess(drop, schema) as unknown as T;
}

function takes(schema: z.core.$ZodType, value: unknown): boolean {
  return z.safeParse(schema, value).success;
}
