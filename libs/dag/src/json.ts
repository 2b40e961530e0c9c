/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/**
 * One text per value: keys sorted by UTF-16 unit, no spaces, numbers and strings as ECMAScript writes them.
 * Lone surrogates and NUL stay as escapes, so that any JSON text survives a round trip.
 * `undefined` members are left out, as `JSON.stringify` does.
 * Source: RFC 8785 (JSON Canonicalization Scheme).
 */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, member: unknown) => (isPlainObject(member) ? sorted(member) : member)) ??
    'null'
  );
}

/** True for objects that JSON would write with braces. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(object: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(object);
  if (keys.every((key, index) => index === 0 || (keys[index - 1] as string) < key)) return object;
  // A null prototype keeps a `__proto__` key an ordinary key.
  const ordered = Object.create(null) as Record<string, unknown>;
  for (const key of keys.sort()) ordered[key] = object[key];
  return ordered;
}
