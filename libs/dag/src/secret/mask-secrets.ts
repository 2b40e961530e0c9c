import type { Catalogue } from '../catalogue.js';
import type { ComponentSpec } from '../component-spec.js';
import { indexSpec } from '../compile/spec-index.js';
import type { FlowData } from '../file/flow-document.js';
import { isPlainObject, type Json, type JsonObject } from '../json.js';
import { isForbiddenName, listAt, objectAt, objectEntry, textAt } from '../safe-record.js';
import { SECRET_MASK } from './key-shapes.js';
import { isSecretMember } from './secret-name.js';
import { replaceSecrets } from './secrets-in-text.js';
import { type SecretVisitor, mapMembers, visitSecrets } from './secrets-in-value.js';
import { looksLikeVariableName } from './variable-name.js';

/**
 * A graph without its secrets. Masked are: the values of fields that the catalogue or the file marks as secret, of
 * fields with a secret's name that the catalogue lacks, and every secret that `visitSecrets` finds in other values. The
 * name of a variable is kept.
 *
 * @param isVariable  whether the team has a variable of that name
 * @returns  a graph that shares what did not change
 */
export function maskSecrets(
  data: FlowData,
  catalogue: Catalogue,
  isVariable: (name: string) => boolean,
): FlowData {
  return maskGraph(data as unknown as JsonObject, contextOf(catalogue, isVariable)) as unknown as FlowData;
}

/** The same for the nodes of a graph, one by one. */
export function nodeMasker(
  catalogue: Catalogue,
  isVariable: (name: string) => boolean,
): (node: JsonObject) => JsonObject {
  const context = contextOf(catalogue, isVariable);
  return (node) => maskOne(node, context);
}

/** Whether a field is one for secrets: by the catalogue, by the file, or by its name where the catalogue lacks it. */
export function isSecretField(name: string, field: JsonObject, spec: ComponentSpec | undefined): boolean {
  const known = fieldSpec(name, spec);
  return known?.password === true || field['password'] === true || (!known && isSecretMember(name, ''));
}

interface Context {
  readonly catalogue: Catalogue;
  readonly isVariable: (name: string) => boolean;
  readonly loose: SecretVisitor;
  /** Nodes by id, of groups that were looked into. */
  readonly inside: WeakMap<JsonObject, ReadonlyMap<string, Record<string, unknown>>>;
}

function contextOf(catalogue: Catalogue, isVariable: (name: string) => boolean): Context {
  return { catalogue, isVariable, loose: maskerOf(true, isVariable), inside: new WeakMap() };
}

/** @param mayName  what looks like the name of a variable may be one */
function maskerOf(mayName: boolean, isVariable: (name: string) => boolean): SecretVisitor {
  return {
    whole: ({ value }) =>
      (mayName && looksLikeVariableName(value, true)) || isVariable(value) ? value : SECRET_MASK,
    text: (text, isHeaders) => replaceSecrets(text, isHeaders, () => SECRET_MASK),
  };
}

function maskLoose(value: Json, name: string, { loose }: Context): Json {
  return visitSecrets(value, { name }, loose);
}

function maskGraph(graph: JsonObject, context: Context): JsonObject {
  return mapMembers(graph, (one, name) =>
    name === 'nodes' && Array.isArray(one)
      ? one.map((node) =>
          isPlainObject(node) ? maskOne(node as JsonObject, context) : maskLoose(node, '', context),
        )
      : maskLoose(one, name, context),
  );
}

function maskOne(node: JsonObject, context: Context): JsonObject {
  const data = objectAt(node, 'data');
  const content = objectAt(data, 'node') as JsonObject;
  return within(node, 'data', context, (ofNode) =>
    within(ofNode, 'node', context, (shown) =>
      mapMembers(shown, (one, name) => {
        if (name === 'template' && isPlainObject(one))
          return mapMembers(one as JsonObject, (field, fieldName) =>
            isPlainObject(field)
              ? maskField(fieldName, field as JsonObject, typeOf(data), content, context)
              : maskLoose(field, fieldName, context),
          );
        if (name === 'flow' && isPlainObject(one))
          return within(one as JsonObject, 'data', context, (inner) => maskGraph(inner, context));
        return maskLoose(one, name, context);
      }),
    ),
  );
}

/** An object with one member changed in its own way, and the others masked as any value. */
function within(
  object: JsonObject,
  member: string,
  context: Context,
  change: (inner: JsonObject) => JsonObject,
): JsonObject {
  return mapMembers(object, (one, name) =>
    name === member && isPlainObject(one) ? change(one as JsonObject) : maskLoose(one, name, context),
  );
}

function typeOf(data: Record<string, unknown>): string {
  return textAt(data, 'type') ?? '';
}

function specOf(type: string, { catalogue }: Context): ComponentSpec | undefined {
  return isForbiddenName(type) ? undefined : catalogue.find(type);
}

function fieldSpec(name: string, spec: ComponentSpec | undefined) {
  const { fields, renamed } = indexSpec(spec);
  return fields.get(renamed.get(name) ?? name);
}

function maskField(
  name: string,
  field: JsonObject,
  type: string,
  content: JsonObject,
  context: Context,
): JsonObject {
  const spec = specOf(type, context);
  const known = fieldSpec(name, spec);
  const isSecret = isSecretField(name, field, spec) || isSecretInside(field, content, context);
  const named = field['load_from_db'] ?? known?.loadFromDb;
  const visitor = isSecret
    ? maskerOf(named !== false, (text) => named === true && context.isVariable(text))
    : context.loose;
  const place = { name: known ? '' : name, isSecret, isHeaders: name === 'headers' };
  return mapMembers(field, (one, member) =>
    member === 'value' ? visitSecrets(one, place, visitor) : maskLoose(one, member, context),
  );
}

/** A field of a group is a secret one when the field inside that it stands for is. */
function isSecretInside(field: JsonObject, content: JsonObject, context: Context): boolean {
  const proxy = objectAt(field, 'proxy');
  const [id, name] = [textAt(proxy, 'id'), textAt(proxy, 'field')];
  if (id === undefined || name === undefined) return false;
  const inner = nodesInside(content, context).get(id);
  if (inner === undefined) return false;
  const data = objectAt(inner, 'data');
  const innerContent = objectAt(data, 'node') as JsonObject;
  const innerField = objectEntry(objectAt(innerContent, 'template'), name) as JsonObject;
  return (
    isSecretField(name, innerField, specOf(typeOf(data), context)) ||
    isSecretInside(innerField, innerContent, context)
  );
}

function nodesInside(content: JsonObject, { inside }: Context): ReadonlyMap<string, Record<string, unknown>> {
  const known = inside.get(content);
  if (known !== undefined) return known;
  const nodes = listAt(objectAt(objectAt(content, 'flow'), 'data'), 'nodes').filter(isPlainObject);
  const made = new Map(nodes.map((node) => [textAt(node, 'id') ?? '', node]));
  inside.set(content, made);
  return made;
}
