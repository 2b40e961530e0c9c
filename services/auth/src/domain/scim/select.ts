import type { Json, JsonObject } from '@causeway/dag';
import type { ResourceDefinition } from './attributes.js';
import type { Fields } from './matches.js';
import { type AttributePath, findPath, scopeOf } from './paths.js';

/** Which attributes an answer has. */
export interface Selection {
  readonly attributes?: string | undefined;
  readonly excludedAttributes?: string | undefined;
}

/** Which top-level attributes are worth finding. Pure. */
export function wants(definition: ResourceDefinition, selection: Selection, name: string): boolean {
  const included = pathsOf(definition, selection.attributes);
  if (included.length > 0) return included.some(([first]) => first.name === name);
  return !pathsOf(definition, selection.excludedAttributes).some(
    ([first, ...inner]) => first.name === name && inner.length === 0,
  );
}

/** A resource with the attributes that are asked for; names that do not exist are left out. Source: RFC 7644, section 3.9. */
export function select(
  definition: ResourceDefinition,
  resource: JsonObject,
  selection: Selection,
): JsonObject {
  const included = pathsOf(definition, selection.attributes);
  if (included.length > 0) {
    const always = definition.attributes.filter(({ isAlwaysShown }) => isAlwaysShown);
    const kept: JsonObject = {};
    for (const path of [...always.map((one): AttributePath => [one]), ...included])
      copy(resource, kept, path);
    return kept;
  }
  const rest = structuredClone(resource);
  for (const path of pathsOf(definition, selection.excludedAttributes))
    if (!path[0].isAlwaysShown) remove(rest, path);
  return rest;
}

function pathsOf(definition: ResourceDefinition, names = ''): AttributePath[] {
  return names
    .split(',')
    .map((name) => findPath(name.trim(), scopeOf(definition)))
    .filter((path) => path !== undefined);
}

function copy(from: Fields, to: JsonObject, [{ name }, ...inner]: AttributePath): void {
  const value = from[name];
  const [next, ...rest] = inner;
  if (value === undefined) return;
  if (!next) {
    to[name] = value;
  } else if (Array.isArray(value)) {
    const former = to[name] as JsonObject[] | undefined;
    to[name] = (value as JsonObject[]).map((one, index) => {
      const kept = former?.[index] ?? {};
      copy(one, kept, [next, ...rest]);
      return kept;
    });
  } else if (isObject(value)) {
    const kept = (to[name] ?? {}) as JsonObject;
    copy(value, kept, [next, ...rest]);
    to[name] = kept;
  }
}

function remove(from: JsonObject, [{ name }, ...inner]: AttributePath): void {
  const [next, ...rest] = inner;
  if (!next) {
    delete from[name];
    return;
  }
  const value = from[name];
  for (const one of Array.isArray(value) ? (value as Json[]) : [value])
    if (isObject(one)) remove(one, [next, ...rest]);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
