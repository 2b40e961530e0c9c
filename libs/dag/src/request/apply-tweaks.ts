import { isPlainObject, type Json } from '../json.js';
import type { Plan, PlanField, PlanNode } from '../plan.js';
import { NameList } from '../name-list.js';
import { type Problem, ProblemCode } from '../problem.js';
import { ProblemList } from '../problem-list.js';
import { emptyRecord, entryOf } from '../safe-record.js';
import { TweakTargets } from './tweak-targets.js';

/** A plan with a request's changes. Refuse the run when there are problems. */
export interface TweakedPlan {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
  /** Tweaks that name no node or field, as in `Prompt-1.tempalte`: the first of them, then how many more there are. */
  readonly ignored: readonly string[];
}

/** Other parts of the request that a tweak could contradict. */
export interface TweakContext {
  readonly inputValue?: string;
  /** @default 'chat' */
  readonly inputType?: 'chat' | 'text' | 'any';
}

/**
 * Sets fields for one run. `{"<node id or display name>": {field: value}}` concerns one node or group, of equal display
 * names the last one outside groups; any other value is set on every node that has a field of that name. A group's
 * field represents a field of an inner node. Names that do not exist are ignored and listed, and a null counts as absent: typed
 * clients send a null for every value that is not set. Code is refused.
 *
 * @returns  a new plan that shares what did not change; the given one is not changed
 */
export function applyTweaks(plan: Plan, tweaks: unknown, request: TweakContext = {}): TweakedPlan {
  if (tweaks === undefined || tweaks === null) return { plan, problems: [], ignored: [] };
  if (!isPlainObject(tweaks)) {
    return { plan, problems: [invalid('The tweaks', 'are not an object', [])], ignored: [] };
  }
  const targets = new TweakTargets(plan);
  const changed = new Map<string, PlanNode>();
  const problems = new ProblemList();
  const ignored = new NameList();
  const set = (id: string, name: string, value: Json): void => {
    const node = changed.get(id) ?? entryOf(plan.nodes, id);
    const field = node && entryOf(node.fields, name);
    if (node === undefined || field === undefined) return;
    const result = tweakField(node, name, field, value);
    if ('code' in result) problems.add(result);
    else if (result.field !== field) changed.set(id, withField(node, name, result.field));
  };
  const everywhere: [string, Json][] = [];
  for (const [key, value] of Object.entries(tweaks)) {
    if (value === null) continue;
    if (!isPlainObject(value)) {
      if (targets.hasField(key)) everywhere.push([key, value as Json]);
      else ignored.add(key);
      continue;
    }
    for (const [name, one] of Object.entries(value)) {
      if (one === null) continue;
      const port = targets.find(key, name);
      if (port === undefined) {
        ignored.add(key, name);
        continue;
      }
      const { node, field } = port;
      if (contradicts(plan, node, field, request)) problems.add(twoInputs(node, plan));
      else set(node, field, one as Json);
    }
  }
  // After the named ones, as in Langflow: a value for all nodes overrides a value for one.
  for (const [name, value] of everywhere)
    for (const { node, field } of targets.everywhere(name)) set(node, field, value);
  return {
    plan: changed.size === 0 ? plan : withValues(plan, changed),
    problems: problems.toArray(),
    ignored: ignored.toArray(),
  };
}

/** The plan with nodes that a request changed, without the errors of values that the request replaced. */
function withValues(plan: Plan, changed: ReadonlyMap<string, PlanNode>): Plan {
  const isReplaced = ({ code, nodes: [id = ''], field = '' }: Problem): boolean =>
    code === ProblemCode.fieldInvalid &&
    changed.has(id) &&
    changed.get(id)?.fields[field] !== entryOf(plan.nodes, id)?.fields[field];
  const kept = plan.problems.some(isReplaced)
    ? plan.problems.filter((one) => !isReplaced(one))
    : plan.problems;
  return { ...withNodes(plan, changed), problems: kept };
}

/** The plan with other nodes in the place of those with the same id. */
export function withNodes(plan: Plan, changed: ReadonlyMap<string, PlanNode>): Plan {
  const nodes = Object.assign(emptyRecord<PlanNode>(), plan.nodes);
  for (const [id, node] of changed) nodes[id] = node;
  return { ...plan, nodes };
}

/** The node with another field in the place of the one with the same name. */
export function withField(node: PlanNode, name: string, field: PlanField): PlanNode {
  const fields = Object.assign(emptyRecord<PlanField>(), node.fields);
  fields[name] = field;
  return { ...node, fields };
}

function tweakField(
  node: PlanNode,
  name: string,
  field: PlanField,
  value: Json,
): { field: PlanField } | Problem {
  if (field.type === 'code') {
    return {
      code: ProblemCode.tweakCode,
      severity: 'blocking',
      message: `The tweak of "${name}" on "${node.displayName}" (${node.id}) is refused: code cannot be set by a request.`,
      remedy: 'Leave it out.',
      nodes: [node.id],
      field: name,
    };
  }
  switch (field.type) {
    case 'mcp':
      return { field: valued(field, value) };
    case 'NestedDict':
    case 'dict':
      return tweakObject(node, name, field, value);
    case 'file':
      return {
        field: isPlainObject(value)
          ? filed(
              field,
              Object.values(value).findLast((one) => one !== null),
            )
          : filed(field, value),
      };
    default:
      return isPlainObject(value) ? mergeField(node, name, field, value) : { field: valued(field, value) };
  }
}

function tweakObject(
  node: PlanNode,
  name: string,
  field: PlanField,
  value: Json,
): { field: PlanField } | Problem {
  if (isPlainObject(value)) {
    const lone = field.type === 'dict' && Object.keys(value).length === 1 && 'value' in value;
    return { field: valued(field, lone ? (value['value'] as Json) : value) };
  }
  if (typeof value !== 'string' || field.type === 'dict') return { field: valued(field, value) };
  const parsed = parseJson(value);
  if (parsed !== undefined) return { field: valued(field, parsed) };
  return invalid(
    `The tweak of "${name}" on "${node.displayName}" (${node.id})`,
    'is not JSON',
    [node.id],
    name,
  );
}

/** An object that is given for a plain field changes the field's settings, not only its value. */
function mergeField(
  node: PlanNode,
  name: string,
  field: PlanField,
  members: Record<string, Json>,
): { field: PlanField } | Problem {
  const loadFromDb = entryOf(members, 'load_from_db') ?? undefined;
  if (loadFromDb !== undefined && typeof loadFromDb !== 'boolean') {
    const what = `The tweak of "${name}" on "${node.displayName}" (${node.id})`;
    return invalid(what, 'has a "load_from_db" that is neither true nor false', [node.id], name);
  }
  const value = entryOf(members, 'value') ?? undefined;
  const filePath = entryOf(members, 'file_path') ?? undefined;
  let merged = value === undefined ? field : valued(field, value);
  if (filePath !== undefined) merged = filed(merged, filePath);
  if (loadFromDb !== undefined) merged = { ...merged, loadFromDb };
  return { field: merged };
}

/** A value that a request gives is a value, never the name of a variable. */
function valued(field: PlanField, value: Json): PlanField {
  const { loadFromDb: _named, ...rest } = field;
  return { ...rest, value };
}

function filed(field: PlanField, filePath: Json | undefined): PlanField {
  return filePath === undefined || filePath === null ? field : { ...field, filePath };
}

/** JSON, or what people often write instead: single quotes and a trailing comma. */
function parseJson(text: string): Json | undefined {
  const candidates = [
    text,
    text.replace(/,\s*([}\]])/g, '$1'),
    text.replaceAll("'", '"').replace(/,\s*([}\]])/g, '$1'),
  ];
  for (const candidate of candidates) {
    try {
      return JSON.parse(candidate) as Json;
    } catch {
      // Another reading may succeed; if none does, the tweak is refused by name.
    }
  }
  return undefined;
}

function contradicts(plan: Plan, id: string, name: string, request: TweakContext): boolean {
  if (request.inputValue === undefined || (request.inputType ?? 'chat') !== 'chat') return false;
  return name === 'input_value' && entryOf(plan.nodes, id)?.type === 'ChatInput';
}

function twoInputs(id: string, plan: Plan): Problem {
  return {
    code: ProblemCode.inputConflict,
    severity: 'blocking',
    message: `The request gives both an input_value and a tweak of "input_value" on "${entryOf(plan.nodes, id)?.displayName ?? id}" (${id}).`,
    remedy: 'Give one of the two.',
    nodes: [id],
    field: 'input_value',
  };
}

function invalid(what: string, why: string, nodes: string[], field?: string): Problem {
  return {
    code: ProblemCode.tweakInvalid,
    severity: 'blocking',
    message: `${what} ${why}.`,
    remedy: 'Send tweaks as {"<node id or display name>": {"<field>": <value>}}.',
    nodes,
    ...(field !== undefined && { field }),
  };
}
