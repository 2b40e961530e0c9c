/** A JSON Schema as it arrived: an object of keywords, or a boolean. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A schema with its references and `allOf` folded in; what is still to be chosen stays in `choices`. */
export interface FlatSchema {
  readonly schema: JsonObject;
  /** Lists of alternatives (`anyOf`, `oneOf`); an instance takes one out of each list. */
  readonly choices: readonly (readonly unknown[])[];
  /** References followed on the way here. Following one twice would never end. */
  readonly refs: readonly string[];
}

/** True for a JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Folds `$ref` and `allOf` into one schema.
 *
 * @returns undefined when nothing can satisfy it: `false`, or a reference that is already being followed.
 *          A reference to a missing schema counts as "anything".
 */
export function flattenSchema(
  schema: unknown,
  root: unknown,
  refs: readonly string[] = [],
): FlatSchema | undefined {
  if (schema === false) return undefined;
  if (!isJsonObject(schema)) return { schema: {}, choices: [], refs };
  const { $ref, allOf, anyOf, oneOf, ...own } = schema;
  const choices = [anyOf, oneOf].filter((list): list is unknown[] => Array.isArray(list) && list.length > 0);
  let flat: FlatSchema | undefined = { schema: own, choices, refs };
  if (typeof $ref === 'string') {
    if (refs.includes($ref)) return undefined;
    flat = combineSchemas(flat, flattenSchema(findReferenced(root, $ref), root, [...refs, $ref]));
  }
  if (Array.isArray(allOf)) {
    for (const part of allOf) flat = combineSchemas(flat, flattenSchema(part, root, refs));
  }
  return flat;
}

/** The schema that requires both; undefined when one of them cannot be met or their types exclude each other. */
export function combineSchemas(a: FlatSchema | undefined, b: FlatSchema | undefined): FlatSchema | undefined {
  if (a === undefined || b === undefined) return undefined;
  const schema: Record<string, unknown> = { ...a.schema };
  for (const [keyword, value] of Object.entries(b.schema)) {
    schema[keyword] = keyword in schema ? combineKeyword(keyword, schema[keyword], value) : value;
  }
  if (Array.isArray(schema['type']) && schema['type'].length === 0) return undefined;
  return { schema, choices: [...a.choices, ...b.choices], refs: [...new Set([...a.refs, ...b.refs])] };
}

/** The types a schema names, in its order; empty when it names none. */
export function typesOf(schema: JsonObject): readonly unknown[] {
  const type = schema['type'];
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}

function combineKeyword(keyword: string, a: unknown, b: unknown): unknown {
  switch (keyword) {
    case 'type':
      return combineTypes(typesOf({ type: a }), typesOf({ type: b }));
    case 'required':
      return [...new Set([...asArray(a), ...asArray(b)])];
    case 'enum':
      return asArray(a).filter((value) => asArray(b).some((other) => isSameJson(value, other)));
    case 'properties':
    case 'patternProperties':
      return combineProperties(a, b);
    case 'items':
    case 'additionalProperties':
      return a === false || b === false ? false : { allOf: [a, b] };
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return Math.max(Number(a), Number(b));
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return Math.min(Number(a), Number(b));
    default:
      return a;
  }
}

function combineTypes(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  const both = a.filter((type) => b.includes(type) || (type === 'integer' && b.includes('number')));
  if (a.includes('number') && b.includes('integer') && !both.includes('integer')) both.push('integer');
  return both;
}

function combineProperties(a: unknown, b: unknown): JsonObject {
  const all = new Map(Object.entries(isJsonObject(a) ? a : {}));
  for (const [key, schema] of Object.entries(isJsonObject(b) ? b : {})) {
    all.set(key, all.has(key) ? { allOf: [all.get(key), schema] } : schema);
  }
  return Object.fromEntries(all);
}

function findReferenced(root: unknown, ref: string): unknown {
  if (!ref.startsWith('#')) return true;
  let found: unknown = root;
  for (const raw of ref.slice(1).split('/').slice(1)) {
    const key = decodeOrKeep(raw).replaceAll('~1', '/').replaceAll('~0', '~');
    const isThere = typeof found === 'object' && found !== null && Object.hasOwn(found, key);
    // The check above makes it an object (or array) that owns the key.
    found = isThere ? (found as JsonObject)[key] : true;
  }
  return found;
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** True when two JSON values are equal; the order of keys counts, which is enough for enums. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
