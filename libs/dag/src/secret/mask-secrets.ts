import type { Catalogue } from '../catalogue.js';
import type { ComponentSpec } from '../component-spec.js';
import { indexSpec } from '../compile/spec-index.js';
import type { FlowData } from '../file/flow-document.js';
import { isPlainObject, type Json, type JsonObject } from '../json.js';
import { entryOf, isForbiddenName, listAt, objectAt, textAt } from '../safe-record.js';
import { SECRET_MASK, maskKeys } from './key-shapes.js';
import { looksLikeVariableName } from './variable-name.js';

/** Names of secrets in components that the catalogue lacks, in headers and in settings of servers. */
const secretName =
  /^(?:(?:[\w-]*[_-])?(?:api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?token|access[_-]?token|bearer[_-]?token|token|secret|password|passwd|passphrase|credentials?)|apikey|(?:proxy-)?authorization|cookie)$/i;

/**
 * A graph without its secrets. Masked are: the values of fields that the catalogue or the file marks as secret, of
 * fields with a secret's name that the catalogue lacks, and every text that looks like a key. The name of a variable is
 * kept.
 *
 * @param isVariable  whether the team has a variable of that name
 * @returns  a graph that shares what did not change
 */
export function maskSecrets(
  data: FlowData,
  catalogue: Catalogue,
  isVariable: (name: string) => boolean,
): FlowData {
  return maskGraph(data as unknown as JsonObject, { catalogue, isVariable }) as unknown as FlowData;
}

interface Context {
  readonly catalogue: Catalogue;
  readonly isVariable: (name: string) => boolean;
}

function maskGraph(graph: JsonObject, context: Context): JsonObject {
  const nodes = listAt(graph, 'nodes').map((node) =>
    isPlainObject(node) ? maskNode(node as JsonObject, context) : node,
  );
  return maskLoose({ ...graph, nodes: nodes as Json[] }, '', context) as JsonObject;
}

function maskNode(node: JsonObject, context: Context): JsonObject {
  const data = objectAt(node, 'data') as JsonObject;
  const content = objectAt(data, 'node') as JsonObject;
  if (Object.keys(content).length === 0) return node;
  const type = textAt(data, 'type') ?? '';
  const spec = isForbiddenName(type) ? undefined : context.catalogue.find(type);
  const template = Object.entries(objectAt(content, 'template')).map(([name, field]) => [
    name,
    isPlainObject(field) ? maskField(name, field as JsonObject, spec, context) : field,
  ]);
  const flow = objectAt(content, 'flow') as JsonObject;
  const inner = objectAt(flow, 'data') as JsonObject;
  return {
    ...node,
    data: {
      ...data,
      node: {
        ...content,
        ...('template' in content && { template: Object.fromEntries(template) as JsonObject }),
        ...('nodes' in inner && { flow: { ...flow, data: maskGraph(inner, context) } }),
      },
    },
  };
}

function maskField(
  name: string,
  field: JsonObject,
  spec: ComponentSpec | undefined,
  context: Context,
): JsonObject {
  const { fields, renamed } = indexSpec(spec);
  const known = fields.get(renamed.get(name) ?? name);
  const isSecret =
    known?.password === true || field['password'] === true || (!known && secretName.test(name));
  const value = entryOf(field, 'value');
  if (!isSecret || value === undefined) return field;
  const named = field['load_from_db'] ?? known?.loadFromDb;
  return { ...field, value: maskWhole(value, named !== false, named === true, context) };
}

/** Every text of a secret value, except names of variables where there may be one. */
function maskWhole(value: Json, mayName: boolean, isName: boolean, context: Context): Json {
  if (typeof value === 'string') {
    if (value === '') return value;
    const isShown = (mayName && looksLikeVariableName(value, true)) || (isName && context.isVariable(value));
    return isShown ? value : SECRET_MASK;
  }
  if (typeof value === 'number') return SECRET_MASK;
  if (Array.isArray(value)) return value.map((one) => maskWhole(one, mayName, isName, context));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, maskWhole(one, mayName, isName, context)]),
  );
}

/**
 * Any value: masks texts under a secret's name, values of rows whose key is one, and whatever looks like a key in any
 * other text.
 */
function maskLoose(value: Json, name: string, context: Context): Json {
  if (typeof value === 'string') {
    if (value === '') return value;
    if (!secretName.test(name)) return maskKeys(value);
    return looksLikeVariableName(value, true) || context.isVariable(value) ? value : SECRET_MASK;
  }
  if (Array.isArray(value)) return mapList(value, (one) => maskLoose(one, name, context));
  if (!isPlainObject(value)) return value;
  const row = textAt(value, 'key') ?? textAt(value, 'name') ?? '';
  return mapMembers(value, (one, member) =>
    maskLoose(one, member === 'value' && typeof one === 'string' ? row : member, context),
  );
}

function mapList(list: Json[], change: (one: Json) => Json): Json[] {
  const changed = list.map(change);
  return changed.every((one, index) => one === list[index]) ? list : changed;
}

function mapMembers(object: JsonObject, change: (one: Json, name: string) => Json): JsonObject {
  const entries = Object.entries(object);
  const changed = entries.map(([name, one]): [string, Json] => [name, change(one, name)]);
  return changed.every(([, one], index) => one === entries[index]?.[1])
    ? object
    : Object.fromEntries(changed);
}
