import type { FlowData } from '../file/flow-document.js';
import { isPlainObject, type Json, type JsonObject } from '../json.js';
import { entryOf, listAt, objectAt, textAt } from '../safe-record.js';
import { SECRET_MASK } from './key-shapes.js';
import { replaceSecrets } from './secrets-in-text.js';

/** True when a value contains a mask. */
export function hasMask(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(SECRET_MASK);
  if (Array.isArray(value)) return value.some(hasMask);
  return isPlainObject(value) && Object.values(value).some(hasMask);
}

/**
 * A graph that a client has read and sends back: each mask is replaced by the value that is stored in the same place of
 * the same node, also in groups. A mask for which nothing is stored stays; compiling reports it.
 *
 * @param mask  the function of `nodeMasker` that shows a node. A mask also stays if the secret would be shown at its new place, because a
 * person who may save a flow must not be able to read its secrets by moving them. @default all are restored
 * @returns  a graph that shares what did not change; the given one when nothing did
 */
export function restoreSecrets(
  data: FlowData,
  stored: FlowData,
  mask?: (node: JsonObject) => JsonObject,
): FlowData {
  const places = new Places();
  places.enter(stored.nodes);
  const graph = data as unknown as JsonObject;
  const restored = restoreGraph(graph, places);
  if (restored === graph || mask === undefined) return restored as unknown as FlowData;
  const sent = listAt(graph, 'nodes') as Json[];
  const nodes = (listAt(restored, 'nodes') as Json[]).map((node, index) => {
    const before = sent[index] as Json;
    return node === before ? node : onlyHidden(before as JsonObject, node as JsonObject, mask);
  });
  return { ...restored, nodes } as unknown as FlowData;
}

/** A mask that stays can change which values are secret, as the key of a row names its value, so the node is checked again. */
const MOST_LOOKS = 4;

/** A restored node without the secrets that would be shown after this save. */
function onlyHidden(
  sent: JsonObject,
  restored: JsonObject,
  mask: (node: JsonObject) => JsonObject,
): JsonObject {
  const sentShown = mask(sent);
  let node = restored;
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const shown = mask(node);
    if (isSame(sentShown, shown)) return node;
    node = keepHidden(sent, node, sentShown, shown) as JsonObject;
  }
  return sent;
}

/** The restored value, with the mask that was sent at each place where the restored value would be shown differently. */
function keepHidden(sent: Json, restored: Json, sentShown: Json, shown: Json): Json {
  if (sent === restored || isSame(sentShown, shown)) return restored;
  if (Array.isArray(sent) && Array.isArray(restored))
    return restored.map((one, index) =>
      keepHidden(sent[index] as Json, one, memberAt(sentShown, index), memberAt(shown, index)),
    );
  if (!isPlainObject(sent) || !isPlainObject(restored)) return sent;
  return Object.fromEntries(
    Object.entries(restored as JsonObject).map(([name, one]) => [
      name,
      keepHidden(
        entryOf(sent as JsonObject, name) as Json,
        one,
        memberAt(sentShown, name),
        memberAt(shown, name),
      ),
    ]),
  );
}

function isSame(one: Json, other: Json): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function memberAt(value: Json, name: string | number): Json {
  return Object.hasOwn(Object(value) as object, name) ? ((value as JsonObject)[name] as Json) : null;
}

/** The stored values, by node, and by the inner field that a group's field represents. */
class Places {
  readonly #nodes = new Map<string, JsonObject>();
  readonly #fields = new Map<string, Json>();

  enter(nodes: readonly unknown[]): void {
    for (const node of nodes.filter(isPlainObject)) {
      const id = textAt(node, 'id');
      if (id !== undefined && !this.#nodes.has(id)) this.#nodes.set(id, node as JsonObject);
      const content = objectAt(objectAt(node, 'data'), 'node');
      for (const [name, field] of Object.entries(objectAt(content, 'template'))) {
        if (!isPlainObject(field)) continue;
        const value = entryOf(field, 'value') as Json | undefined;
        if (value === undefined || value === '' || value === null) continue;
        if (id !== undefined) this.#fields.set(placeOf(id, name), value);
        // A group's field is restored before the inner one, which it overrides.
        const proxy = objectAt(field, 'proxy');
        const [inner, innerName] = [textAt(proxy, 'id'), textAt(proxy, 'field')];
        if (inner !== undefined && innerName !== undefined)
          this.#fields.set(placeOf(inner, innerName), value);
      }
      this.enter(listAt(objectAt(objectAt(content, 'flow'), 'data'), 'nodes'));
    }
  }

  node(id: string): JsonObject | undefined {
    return this.#nodes.get(id);
  }

  field(node: string, name: string): Json | undefined {
    return this.#fields.get(placeOf(node, name));
  }
}

function placeOf(node: string, field: string): string {
  return JSON.stringify([node, field]);
}

function restoreGraph(graph: JsonObject, places: Places): JsonObject {
  const nodes = listAt(graph, 'nodes') as Json[];
  const restored = nodes.map((node) =>
    isPlainObject(node) ? restoreNode(node as JsonObject, places) : node,
  );
  return restored.every((node, index) => node === nodes[index]) ? graph : { ...graph, nodes: restored };
}

function restoreNode(node: JsonObject, places: Places): JsonObject {
  if (!hasMask(node)) return node;
  const id = textAt(node, 'id') ?? '';
  const stored = places.node(id);
  const same = stored === undefined ? node : (restore(node, stored) as JsonObject);
  const data = objectAt(same, 'data') as JsonObject;
  const content = objectAt(data, 'node') as JsonObject;
  const template = objectAt(content, 'template') as JsonObject;
  const filled = Object.entries(template).map(([name, field]) => [
    name,
    restoreField(id, name, field, places),
  ]);
  const flow = objectAt(content, 'flow') as JsonObject;
  const inner = objectAt(flow, 'data') as JsonObject;
  return {
    ...same,
    data: {
      ...data,
      node: {
        ...content,
        ...('template' in content && { template: Object.fromEntries(filled) as JsonObject }),
        ...('nodes' in inner && { flow: { ...flow, data: restoreGraph(inner, places) } }),
      },
    },
  };
}

/** A field that was moved into a group, or out of one, after it was read. */
function restoreField(node: string, name: string, field: Json | undefined, places: Places): Json {
  if (!isPlainObject(field) || !hasMask(field['value'])) return field as Json;
  const proxy = objectAt(field, 'proxy');
  const stored =
    places.field(node, name) ?? places.field(textAt(proxy, 'id') ?? '', textAt(proxy, 'field') ?? '');
  if (stored === undefined) return field as Json;
  return { ...(field as JsonObject), value: restore(field['value'] as Json, stored, name === 'headers') };
}

function restore(value: Json, stored: Json | undefined, isHeaders = false): Json {
  if (stored === undefined) return value;
  if (typeof value === 'string')
    return value.includes(SECRET_MASK) ? restoreText(value, stored, isHeaders) : value;
  if (Array.isArray(value)) {
    if (!Array.isArray(stored)) return value;
    return value.map((one, index) => restore(one, memberLike(one, stored, index), isHeaders));
  }
  if (!isPlainObject(value) || !isPlainObject(stored)) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([name, one]) => [
      name,
      restore(one, entryOf(stored as JsonObject, name), isHeaders || name === 'headers'),
    ]),
  );
}

function restoreText(text: string, stored: Json, isHeaders: boolean): Json {
  if (text === SECRET_MASK)
    return stored === '' || stored === null || typeof stored === 'object' ? text : stored;
  if (typeof stored !== 'string') return text;
  const secrets: string[] = [];
  replaceSecrets(stored, isHeaders, (secret) => {
    secrets.push(secret);
    return secret;
  });
  const pieces = text.split(SECRET_MASK);
  if (secrets.length !== pieces.length - 1) return text;
  return pieces.map((piece, index) => piece + (secrets[index] ?? '')).join('');
}

/** Rows are identified by their key, since a row may be added before them; all other values by their position. */
function memberLike(one: Json, stored: readonly Json[], index: number): Json | undefined {
  for (const name of ['id', 'key', 'name']) {
    const text = isPlainObject(one) ? textAt(one, name) : undefined;
    if (text === undefined) continue;
    const same = stored.filter((other) => isPlainObject(other) && textAt(other, name) === text);
    return same.length === 1 ? same[0] : stored[index];
  }
  return stored[index];
}
