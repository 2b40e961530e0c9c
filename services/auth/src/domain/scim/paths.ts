import { scimInvalid } from './scim-invalid.js';
import type { Attribute, ResourceDefinition } from './attributes.js';

/** An attribute of a resource and those around it, from the outside to the inside. */
export type AttributePath = readonly [Attribute, ...Attribute[]];

/** Where attributes are looked for. */
export interface Scope {
  readonly attributes: readonly Attribute[];
  /** Ids of the schemas whose attributes may be written with the id before them. */
  readonly schemaIds: readonly string[];
}

export function scopeOf({ attributes, schema }: ResourceDefinition): Scope {
  return { attributes, schemaIds: [schema.id] };
}

/**
 * The attribute that a text names: `userName`, `name.givenName`, `urn:…:User:userName`, `urn:…:enterprise:2.0:User:department`. Upper and lower case
 * are the same.
 *
 * @returns undefined when there is no such attribute
 */
export function findPath(text: string, { attributes, schemaIds }: Scope): AttributePath | undefined {
  const own = schemaIds.find((id) => startsWith(text, `${id}:`));
  if (own !== undefined) return findPath(text.slice(own.length + 1), { attributes, schemaIds: [] });
  const extension = attributes.find(
    ({ name }) => name.includes(':') && (same(name, text) || startsWith(text, `${name}:`)),
  );
  if (extension) {
    const rest = text.slice(extension.name.length + 1);
    return rest === '' ? [extension] : within(extension, rest.split('.'));
  }
  const [first = '', ...rest] = text.split('.');
  const attribute = attributes.find(({ name }) => same(name, first));
  return attribute && within(attribute, rest);
}

/** @throws CausewayError SCIM_INVALID */
export function getPath(
  text: string,
  scope: Scope,
  scimType: 'invalidFilter' | 'invalidPath',
): AttributePath {
  const path = findPath(text, scope);
  if (!path) throw scimInvalid(scimType, `There is no attribute ${JSON.stringify(text.slice(0, 200))}`);
  return path;
}

/** The attribute that a path leads to. */
export function lastOf(path: AttributePath): Attribute {
  return path.at(-1) ?? path[0];
}

function within(outer: Attribute, names: readonly string[]): AttributePath | undefined {
  const [first, ...rest] = names;
  if (first === undefined) return [outer];
  const inner = outer.of?.find(({ name }) => same(name, first));
  const path = inner && within(inner, rest);
  return path && [outer, ...path];
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function startsWith(text: string, start: string): boolean {
  return same(text.slice(0, start.length), start);
}
