import type { Json } from '@causeway/dag';
import { type Attribute, type ResourceDefinition, groupDefinition } from './attributes.js';
import type { Fields } from './matches.js';
import { findPath, scopeOf } from './paths.js';
import { scimInvalid } from './scim-invalid.js';

/** A resource, or a part of one, that is being made. */
export type Draft = Record<string, Json>;

const MOST_TEXT = 1_000;
const MOST_VALUES = 20;
export const MOST_MEMBERS = 10_000;
/** Of a person, as JSON. */
const MOST_CHARACTERS = 20_000;

/**
 * A resource as somebody sent it: the attributes that are kept, with their names as the schema writes them. Others are left out, and so is what only
 * the server sets.
 *
 * @throws CausewayError SCIM_INVALID
 */
export function takeResource(definition: ResourceDefinition, given: Fields): Draft {
  checkSchemas(definition, given);
  const scope = scopeOf(definition);
  const resource: Draft = {};
  for (const [key, value] of Object.entries(given)) {
    const [attribute, ...inner] = findPath(key, scope) ?? [];
    if (!attribute || inner.length > 0 || attribute.isReadOnly) continue;
    put(resource, attribute, takeValue(attribute, value));
  }
  checkResource(definition, resource);
  return resource;
}

/** Whether a resource has what it must have, and not too much. @throws CausewayError SCIM_INVALID */
export function checkResource({ name, attributes }: ResourceDefinition, resource: Fields): void {
  for (const attribute of attributes) {
    const value = resource[attribute.name];
    if (attribute.isRequired && value === undefined)
      throw scimInvalid('invalidValue', `A ${name} needs ${attribute.name}`);
    const most = name === groupDefinition.name ? MOST_MEMBERS : MOST_VALUES;
    if (Array.isArray(value) && value.length > most)
      throw scimInvalid('invalidValue', `${attribute.name} has ${value.length} values; the limit is ${most}`);
  }
  const { members: _members, ...rest } = resource;
  if (JSON.stringify(rest).length > MOST_CHARACTERS)
    throw scimInvalid('invalidValue', `A ${name} has at most ${MOST_CHARACTERS} characters`);
}

/**
 * A value of an attribute, or all values of a multi-valued one: one that stands alone becomes a list, `"False"` becomes false, and a text becomes the
 * `value` of a complex one, as some providers write them.
 *
 * @returns undefined for what is empty
 * @throws  CausewayError SCIM_INVALID
 */
export function takeValue(attribute: Attribute, given: Json | undefined): Json | undefined {
  if (!attribute.isMultiValued) return takeOne(attribute, given);
  const list = Array.isArray(given) ? given : given === null || given === undefined ? [] : [given];
  if (list.length > MOST_MEMBERS)
    throw scimInvalid(
      'invalidValue',
      `${attribute.name} has ${list.length} values; the limit is ${MOST_MEMBERS}`,
    );
  const values = list.map((one) => takeOne(attribute, one)).filter((one) => one !== undefined);
  return values.length === 0 ? undefined : values;
}

/** Sets a member, or removes it for undefined. */
export function put(target: Draft, { name }: Attribute, value: Json | undefined): void {
  if (value === undefined) delete target[name];
  else target[name] = value;
}

/** One value of an attribute. */
export function takeOne(attribute: Attribute, given: Json | undefined): Json | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  switch (attribute.type) {
    case 'boolean':
      return takeBoolean(attribute, given);
    case 'complex':
      return takeComplex(attribute, given);
    default:
      return takeText(attribute, given);
  }
}

function takeBoolean({ name }: Attribute, given: Json): boolean {
  if (typeof given === 'boolean') return given;
  if (typeof given === 'string' && /^(true|false)$/i.test(given)) return given.toLowerCase() === 'true';
  throw scimInvalid('invalidValue', `${name} must be true or false`);
}

function takeText({ name }: Attribute, given: Json): string {
  if (typeof given !== 'string') throw scimInvalid('invalidValue', `${name} must be a text`);
  if (given.length > MOST_TEXT)
    throw scimInvalid('invalidValue', `${name} has ${given.length} characters; the limit is ${MOST_TEXT}`);
  if (given.includes('\u0000') || !given.isWellFormed())
    throw scimInvalid('invalidValue', `${name} holds a NUL character or a half of a character`);
  return given;
}

function takeComplex(attribute: Attribute, given: Json): Json | undefined {
  const { name, of = [] } = attribute;
  const hasValue = of.some((one) => one.name === 'value');
  const fields = typeof given === 'string' && hasValue ? { value: given } : given;
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw scimInvalid('invalidValue', `${name} must be an object`);
  const taken: Draft = {};
  for (const [key, value] of Object.entries(fields)) {
    const [inner] = findPath(key, { attributes: of, schemaIds: [] }) ?? [];
    if (inner && !inner.isReadOnly && inner.name.toLowerCase() === key.toLowerCase())
      put(taken, inner, takeValue(inner, value));
  }
  return Object.keys(taken).length === 0 ? undefined : taken;
}

function checkSchemas({ name, schema }: ResourceDefinition, given: Fields): void {
  const entry = Object.entries(given).find(([key]) => key.toLowerCase() === 'schemas');
  if (!entry) return;
  const [, ids] = entry;
  const isOfType =
    Array.isArray(ids) &&
    ids.some((id) => typeof id === 'string' && id.toLowerCase() === schema.id.toLowerCase());
  if (!isOfType)
    throw scimInvalid('invalidSyntax', `The schemas of a ${name} must have ${schema.id} among them`);
}
