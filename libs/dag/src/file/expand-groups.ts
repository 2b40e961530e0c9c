import { rawHandle } from './edge-handles.js';
import type { FlowDocument } from './flow-document.js';
import { isPlainObject, type JsonObject } from '../json.js';
import { isNote } from './check-structure.js';
import type { PlanGroup, PlanPort } from '../plan.js';
import { type Problem, ProblemCode } from '../problem.js';
import { ProblemList } from '../problem-list.js';
import {
  emptyRecord,
  entryOf,
  isForbiddenName,
  listAt,
  objectAt,
  objectEntry,
  textAt,
} from '../safe-record.js';

/** A flow without group nodes. */
export interface ExpandedFlow {
  readonly nodes: readonly JsonObject[];
  readonly edges: readonly JsonObject[];
  /** Ids of the groups around each inner node, outermost first; nodes outside any group are absent. */
  readonly parents: Readonly<Record<string, readonly string[]>>;
  /** The groups that were expanded, each before those inside it; of several with one id the first. */
  readonly groups: readonly PlanGroup[];
  readonly problems: readonly Problem[];
}

/**
 * Replaces each group by its inner nodes: the group's values override theirs, edges are connected through the group's
 * proxies, `frozen` is inherited. The document is not changed.
 */
export function expandGroups(document: FlowDocument): ExpandedFlow {
  const edges = document.data.edges.filter(isPlainObject).map((edge) => ({ ...edge }) as JsonObject);
  // Most flows have no group; then the edges at a node are not needed.
  let ends: EdgeEnds | undefined;
  const nodes: JsonObject[] = [];
  const parents = emptyRecord<readonly string[]>();
  const groups = new Map<string, PlanGroup>();
  const problems = new ProblemList();
  const open: { node: JsonObject; around: readonly string[] }[] = [...document.data.nodes]
    .filter(isPlainObject)
    .reverse()
    .map((node) => ({ node: node as JsonObject, around: [] }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, around } = next;
    const id = textAt(node, 'id') ?? '';
    if (around.length > 0) parents[id] = around;
    const flow = innerFlow(node);
    if (flow === undefined) {
      nodes.push(node);
      continue;
    }
    if (around.includes(id) || around.length >= maxNesting) {
      problems.add(groupProblem(id, 'is nested inside itself or too deeply'));
      continue;
    }
    if (id !== '' && !isForbiddenName(id) && !groups.has(id)) groups.set(id, groupOf(node, id, around));
    ends ??= new EdgeEnds(edges);
    const inner = fillIn(node, flow.nodes);
    problems.addAll(leadEdges(node, id, inner, flow.edges, ends));
    for (const edge of flow.edges) ends.add({ ...edge });
    for (const one of inner.reverse()) open.push({ node: one, around: [...around, id] });
  }
  return { nodes, edges, parents, groups: resolveProxies(groups), problems: problems.toArray() };
}

const maxNesting = 50;

/** The edges at each node, so that a group need not search all of them. */
class EdgeEnds {
  readonly #at = new Map<string, Set<JsonObject>>();

  constructor(readonly edges: JsonObject[]) {
    for (const edge of edges) this.#enter(edge);
  }

  add(edge: JsonObject): void {
    this.edges.push(edge);
    this.#enter(edge);
  }

  of(id: string): Iterable<JsonObject> {
    return this.#at.get(id) ?? [];
  }

  move(edge: JsonObject, end: 'source' | 'target', id: string, handle: JsonObject): void {
    edge[end] = id;
    edge['data'] = { ...(objectAt(edge, 'data') as JsonObject), [`${end}Handle`]: { ...handle, id } };
    this.#enter(edge);
  }

  #enter(edge: JsonObject): void {
    for (const id of [textAt(edge, 'source'), textAt(edge, 'target')]) {
      if (id === undefined) continue;
      const there = this.#at.get(id);
      if (there === undefined) this.#at.set(id, new Set([edge]));
      else there.add(edge);
    }
  }
}

function innerFlow(node: JsonObject): { nodes: JsonObject[]; edges: JsonObject[] } | undefined {
  const data = objectAt(objectAt(objectAt(objectAt(node, 'data'), 'node'), 'flow'), 'data');
  if (!Array.isArray(entryOf(data, 'nodes'))) return undefined;
  return {
    nodes: listAt(data, 'nodes').filter(isPlainObject) as JsonObject[],
    edges: listAt(data, 'edges').filter(isPlainObject) as JsonObject[],
  };
}

/** A group with the fields that its proxies name, which may be fields of groups inside it. */
function groupOf(node: JsonObject, id: string, around: readonly string[]): PlanGroup {
  const data = objectAt(node, 'data');
  const content = objectAt(data, 'node');
  const fields = emptyRecord<PlanPort>();
  for (const [name, field] of Object.entries(objectAt(content, 'template'))) {
    const inner = isForbiddenName(name) ? undefined : proxyOf(field);
    if (inner !== undefined) fields[name] = inner;
  }
  const displayName =
    textAt(content, 'display_name') || textAt(data, 'display_name') || textAt(data, 'type') || id;
  return { id, parents: around, displayName, fields };
}

/** Resolves each group's fields through the groups inside it, down to nodes that run. */
function resolveProxies(groups: ReadonlyMap<string, PlanGroup>): PlanGroup[] {
  const resolved = new Map<string, PlanGroup>();
  // The target of a group's field is inside the group, so it comes later in the list and is resolved first.
  for (const group of [...groups.values()].reverse()) {
    const fields = emptyRecord<PlanPort>();
    for (const [name, port] of Object.entries(group.fields)) {
      const end = groups.has(port.node) ? entryOf(resolved.get(port.node)?.fields ?? {}, port.field) : port;
      if (end !== undefined) fields[name] = end;
    }
    resolved.set(group.id, { ...group, fields });
  }
  return [...resolved.values()].reverse();
}

/** The inner field that a group's field represents. */
function proxyOf(field: unknown): PlanPort | undefined {
  if (!isPlainObject(field)) return undefined;
  const proxy = objectAt(field, 'proxy');
  const [node, name] = [textAt(proxy, 'id'), textAt(proxy, 'field')];
  return node === undefined || name === undefined || isForbiddenName(name)
    ? undefined
    : { node, field: name };
}

/** Copies of the inner nodes, with the group's values and its `frozen`. */
function fillIn(group: JsonObject, nodes: readonly JsonObject[]): JsonObject[] {
  const outer = objectAt(objectAt(group, 'data'), 'node');
  const values = new Map<string, JsonObject>();
  for (const field of Object.values(objectAt(outer, 'template'))) {
    const inner = proxyOf(field);
    if (inner === undefined) continue;
    const fields = values.get(inner.node) ?? (emptyRecord() as JsonObject);
    values.set(inner.node, fields);
    fields[inner.field] = field as JsonObject;
  }
  return nodes.map((node) => {
    const data = objectAt(node, 'data') as JsonObject;
    const inner = objectAt(data, 'node') as JsonObject;
    const template = withValues(
      objectAt(inner, 'template') as JsonObject,
      values.get(textAt(node, 'id') ?? ''),
    );
    const frozen = entryOf(outer, 'frozen') === true || entryOf(inner, 'frozen') === true;
    return { ...node, data: { ...data, node: { ...inner, template, ...(frozen && { frozen }) } } };
  });
}

// Only what a user sets: how the field looks and its name stay the inner node's.
const carried = ['value', 'load_from_db', 'file_path', 'table_schema', 'options'];

function withValues(template: JsonObject, outer: JsonObject | undefined): JsonObject {
  if (outer === undefined) return template;
  const filled = { ...template };
  for (const [name, field] of Object.entries(outer)) {
    const inner = entryOf(template, name);
    if (!isPlainObject(inner) || !isPlainObject(field)) continue;
    const given = Object.entries(field).filter(([key]) => carried.includes(key));
    filled[name] = { ...inner, ...Object.fromEntries(given) };
  }
  return filled;
}

function leadEdges(
  group: JsonObject,
  groupId: string,
  inner: readonly JsonObject[],
  innerEdges: readonly JsonObject[],
  ends: EdgeEnds,
): Problem[] {
  const problems = new ProblemList();
  const ids = new Set(inner.map((node) => textAt(node, 'id')));
  const node = objectAt(objectAt(group, 'data'), 'node');
  for (const edge of ends.of(groupId)) {
    if (textAt(edge, 'target') === groupId) {
      const raw = rawHandle(edge, 'targetHandle');
      const handle = isPlainObject(raw) ? raw : { fieldName: raw?.split('|')[1] ?? '' };
      const field = textAt(handle, 'fieldName') ?? '';
      const own = objectAt(objectEntry(objectAt(node, 'template'), field), 'proxy');
      const proxy = 'id' in own ? own : objectAt(handle, 'proxy');
      const [id, name] = [textAt(proxy, 'id'), textAt(proxy, 'field')];
      if (id === undefined || name === undefined || !ids.has(id)) {
        problems.add(groupProblem(groupId, `does not say which inner node its field "${field}" belongs to`));
        continue;
      }
      const { proxy: _led, ...rest } = handle as JsonObject;
      ends.move(edge, 'target', id, { ...rest, fieldName: name });
    }
    if (textAt(edge, 'source') === groupId) {
      const raw = rawHandle(edge, 'sourceHandle');
      const handle = isPlainObject(raw) ? raw : { baseClasses: raw?.split('|').slice(2) ?? [] };
      const place = outputPlace(textAt(handle, 'name'), node, inner, innerEdges);
      if (place === undefined || !ids.has(place.id)) {
        problems.add(groupProblem(groupId, 'does not say which inner node its output comes from'));
        continue;
      }
      ends.move(edge, 'source', place.id, {
        ...(handle as JsonObject),
        ...(place.name !== undefined && { name: place.name }),
      });
    }
  }
  return problems.toArray();
}

/**
 * The inner output that a group's output represents: by proxy, by the name `<inner id>_<output>`, else the last inner
 * node's.
 */
function outputPlace(
  name: string | undefined,
  group: Record<string, unknown>,
  inner: readonly JsonObject[],
  innerEdges: readonly JsonObject[],
): { id: string; name?: string } | undefined {
  if (name !== undefined) {
    const output = listAt(group, 'outputs').find((one) => isPlainObject(one) && textAt(one, 'name') === name);
    const proxy = isPlainObject(output) ? objectAt(output, 'proxy') : {};
    const [id, proxied] = [textAt(proxy, 'id'), textAt(proxy, 'name') ?? textAt(proxy, 'field')];
    if (id !== undefined && proxied !== undefined) return { id, name: proxied };
    // The longest id is used: "A_b" is not output "b_c" of "A" when there is a node "A_b".
    const prefixes = inner
      .map((node) => textAt(node, 'id') ?? '')
      .filter((one) => name.startsWith(`${one}_`));
    const longest = prefixes.sort((one, other) => other.length - one.length)[0];
    if (longest !== undefined) return { id: longest, name: name.slice(longest.length + 1) };
  }
  const sources = new Set(innerEdges.map((edge) => textAt(edge, 'source')));
  const last = inner.find((node) => !isNote(node) && !sources.has(textAt(node, 'id')));
  if (last === undefined) return undefined;
  const outputs = listAt(objectAt(objectAt(last, 'data'), 'node'), 'outputs').filter(isPlainObject);
  const only = outputs.length === 1 && outputs[0] ? textAt(outputs[0], 'name') : name;
  return { id: textAt(last, 'id') ?? '', ...(only !== undefined && { name: only }) };
}

function groupProblem(id: string, what: string): Problem {
  return {
    code: ProblemCode.groupInvalid,
    severity: 'blocking',
    message: `Group "${id}" ${what}.`,
    remedy: 'Ungroup it in Langflow and group its nodes again.',
    // After expanding, the group itself no longer exists and its connections are not known, so the problem concerns the
    // whole flow.
    nodes: [],
  };
}
