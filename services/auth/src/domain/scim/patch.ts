import type { Json } from '@causeway/dag';
import type { Attribute, ResourceDefinition } from './attributes.js';
import { type Comparison, type Filter, parseFilter } from './filter.js';
import { type Fields, matches } from './matches.js';
import { type AttributePath, findPath, getPath, lastOf, scopeOf } from './paths.js';
import { scimInvalid } from './scim-invalid.js';
import { type Draft, checkResource, put, takeOne, takeValue } from './take-value.js';

/** A change of a resource. */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string | undefined;
  readonly value: Json | undefined;
}

const MOST_OPERATIONS = 500;
/** Values that the filters of one PATCH look at, but for those that ask only for a `value`. */
const MOST_FILTERED = 50_000;

/** The operations of a PATCH, with upper and lower case as providers like it. @throws CausewayError SCIM_INVALID */
export function parsePatch(body: Fields): PatchOperation[] {
  const operations = memberOf(body, 'operations');
  if (!Array.isArray(operations) || operations.length === 0)
    throw scimInvalid('invalidSyntax', 'A PATCH needs a list of Operations');
  if (operations.length > MOST_OPERATIONS)
    throw scimInvalid(
      'tooMany',
      `A PATCH has at most ${MOST_OPERATIONS} operations, and this one has ${operations.length}; send several`,
    );
  return operations.map((operation) => {
    const fields = isFields(operation) ? operation : {};
    const op = String(memberOf(fields, 'op')).toLowerCase();
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw scimInvalid('invalidSyntax', 'The op of an operation must be add, replace or remove');
    const path = memberOf(fields, 'path') ?? undefined;
    if (path !== undefined && typeof path !== 'string')
      throw scimInvalid('invalidPath', 'The path of an operation must be a text');
    return { op, path: path === '' ? undefined : path, value: memberOf(fields, 'value') };
  });
}

/**
 * A resource after the operations of a PATCH, all of them. Source: RFC 7644, section 3.5.2; and as providers write them: names with dots without a path,
 * values to remove beside the path, and a filter for a value that does not exist yet, which makes it.
 *
 * @throws CausewayError SCIM_INVALID
 */
export function patched(
  definition: ResourceDefinition,
  resource: Fields,
  operations: readonly PatchOperation[],
): Draft {
  const draft = structuredClone(resource) as Draft;
  let filtered = 0;
  const apply = (target: Target, op: PatchOperation['op'], value: Json | undefined): void => {
    const { [target.path[0].name]: values } = draft;
    if (target.filter && !asksForValue(target.filter) && Array.isArray(values)) filtered += values.length;
    if (filtered > MOST_FILTERED)
      throw scimInvalid(
        'tooMany',
        `The filters of a PATCH look at ${MOST_FILTERED} values at most; send several`,
      );
    change(draft, target, op, value);
  };
  for (const { op, path, value } of operations) {
    if (path !== undefined) apply(targetOf(path, definition), op, value);
    else for (const [target, one] of targetsIn(definition, op, value)) apply(target, op, one);
  }
  for (const { name } of definition.attributes) {
    settlePrimary(draft[name]);
    dropEmpty(draft, name);
  }
  checkResource(definition, draft);
  return draft;
}

/** Where an operation works: an attribute; of a multi-valued one, with a filter, the values that fit, or a part of them. */
interface Target {
  readonly path: AttributePath;
  readonly filter?: Filter;
  readonly part?: Attribute;
}

function targetOf(text: string, definition: ResourceDefinition): Target {
  const [, before = text, filterText, after] = /^([^[\]]+)\[(.*)\](?:\.([^[\]]+))?$/s.exec(text) ?? [];
  const path = getPath(before, scopeOf(definition), 'invalidPath');
  for (const { name, isReadOnly } of path)
    if (isReadOnly) throw scimInvalid('mutability', `${name} is set by the server alone`);
  if (filterText === undefined) return { path };
  const { isMultiValued, of: attributes, name } = lastOf(path);
  if (!isMultiValued || !attributes) throw scimInvalid('invalidPath', `${name} has only one value`);
  const scope = { attributes, schemaIds: [] };
  const filter = parseFilter(filterText, scope);
  if (after === undefined) return { path, filter };
  const [part, ...inner] = getPath(after, scope, 'invalidPath');
  if (inner.length > 0 || part.isReadOnly)
    throw scimInvalid('mutability', `${after} cannot be changed alone`);
  return { path, filter, part };
}

/** Without a path, the value holds the attributes; what only the server sets, or what does not exist, is left out. */
function targetsIn(
  definition: ResourceDefinition,
  op: PatchOperation['op'],
  value: Json | undefined,
): [Target, Json][] {
  if (op === 'remove') throw scimInvalid('noTarget', 'To remove something, name it with a path');
  if (!isFields(value)) throw scimInvalid('invalidValue', 'Without a path, the value must be an object');
  return Object.entries(value).flatMap(([key, one]): [Target, Json][] => {
    if (key.includes('[')) return [[targetOf(key, definition), one]];
    const path = findPath(key, scopeOf(definition));
    return !path || path.some(({ isReadOnly }) => isReadOnly) ? [] : [[{ path }, one]];
  });
}

function change(draft: Draft, target: Target, op: PatchOperation['op'], value: Json | undefined): void {
  const { path, filter, part } = target;
  const attribute = lastOf(path);
  for (const holder of holdersOf(draft, path.slice(0, -1), op !== 'remove')) {
    if (filter) changeFitting(holder, attribute, filter, part, op, value);
    else if (op === 'remove') remove(holder, attribute, value);
    else set(holder, attribute, op, value);
  }
}

/** The objects that hold what is inside these attributes; they are made where they are missing. */
function holdersOf(draft: Draft, outer: readonly Attribute[], isMaking: boolean): Draft[] {
  return outer.reduce<Draft[]>(
    (holders, { name, isMultiValued }) =>
      holders.flatMap((holder) => {
        if (holder[name] === undefined) {
          if (!isMaking) return [];
          holder[name] = isMultiValued ? [{}] : {};
        }
        return (isMultiValued ? holder[name] : [holder[name]]) as Draft[];
      }),
    [draft],
  );
}

function set(holder: Draft, attribute: Attribute, op: 'add' | 'replace', value: Json | undefined): void {
  const { name, type, isMultiValued } = attribute;
  const taken = takeValue(attribute, value);
  const former = holder[name];
  if (isMultiValued && op === 'add') {
    if (taken !== undefined) holder[name] = joined((former ?? []) as Json[], taken as Json[]);
  } else if (type === 'complex' && !isMultiValued && isFields(former) && isFields(taken)) {
    holder[name] = { ...(former as Draft), ...(taken as Draft) };
  } else {
    put(holder, attribute, taken);
  }
}

function remove(holder: Draft, attribute: Attribute, value: Json | undefined): void {
  const { name, isMultiValued } = attribute;
  const gone = isMultiValued ? takeValue(attribute, value) : undefined;
  if (gone === undefined) {
    delete holder[name];
    return;
  }
  const isGone = new Set((gone as Json[]).map(keyOf));
  holder[name] = ((holder[name] ?? []) as Json[]).filter((one) => !isGone.has(keyOf(one)));
}

function changeFitting(
  holder: Draft,
  attribute: Attribute,
  filter: Filter,
  part: Attribute | undefined,
  op: PatchOperation['op'],
  value: Json | undefined,
): void {
  const values = (holder[attribute.name] ?? []) as Draft[];
  const fits = fitsOf(filter);
  if (op === 'remove' && !part) {
    holder[attribute.name] = values.filter((one) => !fits(one));
    return;
  }
  const fitting = values.filter(fits);
  if (op === 'remove') {
    for (const one of fitting) delete one[(part as Attribute).name];
    return;
  }
  if (fitting.length === 0) {
    const made = madeFor(attribute, filter);
    fitting.push(made);
    holder[attribute.name] = [...values, made];
  }
  for (const one of fitting) {
    if (part) put(one, part, takeOne(part, value));
    else Object.assign(one, takeOne(attribute, value));
  }
}

/** What a filter says of a value; `value eq "…"` is asked of each of thousands of members, and so often as a PATCH has operations. */
function fitsOf(filter: Filter): (value: Fields) => boolean {
  if (!asksForValue(filter)) return (value) => matches(filter, value);
  const { value: wanted } = filter;
  return (value) => value['value'] === wanted;
}

/** Whether a filter is `value eq "…"` of ids. */
function asksForValue(filter: Filter): filter is Comparison {
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || filter.path.length > 1) return false;
  const [{ name, isCaseExact }] = filter.path;
  return name === 'value' && isCaseExact === true;
}

/** The value that a filter such as `type eq "work"` describes. @throws CausewayError SCIM_INVALID */
function madeFor({ name, of = [] }: Attribute, filter: Filter): Draft {
  const parts = filter.kind === 'and' ? filter.of : [filter];
  const made: Draft = {};
  for (const one of parts) {
    const [inner] = one.kind === 'compare' && one.operator === 'eq' ? one.path : [];
    if (one.kind !== 'compare' || !inner || inner.isReadOnly || !of.includes(inner))
      throw scimInvalid('noTarget', `No value of ${name} fits the filter of the path`);
    made[inner.name] = one.value;
  }
  return made;
}

/** The values of both, each once; the first list may be changed. */
function joined(former: Json[], more: readonly Json[]): Json[] {
  const [only] = more;
  // Providers add many members one by one.
  if (more.length === 1 && isFields(only) && !isPrimary(only)) {
    const { value } = only;
    const isThere = former.some((one) => (one as Fields)['value'] === value && keyOf(one) === keyOf(only));
    if (!isThere) former.push(only);
    return former;
  }
  const all = new Map(former.map((one) => [keyOf(one), one]));
  for (const one of more) {
    const key = keyOf(one);
    if (isFields(one) && isPrimary(one)) all.delete(key);
    if (!all.has(key)) all.set(key, one);
  }
  return [...all.values()];
}

/** By what two values are the same. */
function keyOf(value: Json): string {
  if (!isFields(value)) return JSON.stringify(value);
  const { value: own, type } = value;
  return own === undefined ? JSON.stringify(value) : JSON.stringify([own, type]);
}

/** At most one value is the primary one: the last that was said to be. */
function settlePrimary(values: Json | undefined): void {
  if (!Array.isArray(values)) return;
  const primary = (values as Json[]).filter((one): one is Draft => isFields(one) && isPrimary(one));
  for (const one of primary.slice(0, -1)) one['primary'] = false;
}

function isPrimary(value: Fields): boolean {
  return value['primary'] === true;
}

/** Removes what holds nothing any more. */
function dropEmpty(draft: Draft, name: string): void {
  const value = draft[name];
  if (Array.isArray(value)) {
    const kept = (value as Json[]).filter((one) => !isFields(one) || Object.keys(one).length > 0);
    if (kept.length === 0) delete draft[name];
    else if (kept.length < value.length) draft[name] = kept;
  } else if (isFields(value)) {
    for (const [part, inner] of Object.entries(value))
      if (isFields(inner) && Object.keys(inner).length === 0) delete (value as Draft)[part];
    if (Object.keys(value).length === 0) delete draft[name];
  }
}

/** A member, whatever its case. */
function memberOf(fields: Fields, lowerName: string): Json | undefined {
  return Object.entries(fields).find(([name]) => name.toLowerCase() === lowerName)?.[1];
}

function isFields(value: Json | undefined): value is Fields & Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
