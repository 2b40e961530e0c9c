import type { FieldInput, Handle } from '@causeway/components/runtime';
import { isPlainObject } from '@causeway/dag';
import type { InputSource, Json, Plan, PlanField, PlanNode, RunCommand } from '@causeway/dag';
import type { ResolvedFields } from './node-variables.js';

export type StartCommand = Extract<RunCommand, { type: 'start' }>;

/** The content of a step's output: a value, or a live object. */
export type OutputValue = Json | Handle | undefined;

/** The edges over which a field receives its value. */
export interface WiredField {
  readonly field: string;
  readonly sources: readonly InputSource[];
  readonly list: boolean;
}

/** The fields of a node that receive something, the results of a Loop's iterations among them. */
export function wiredFields(plan: Plan, start: StartCommand): readonly WiredField[] {
  if (!start.gather) return start.inputs;
  const feedback = plan.edges.find((edge) => edge.feedback === true && edge.target === start.nodeId);
  return [...start.inputs, { field: feedback?.field ?? 'item', sources: start.gather, list: true }];
}

/**
 * The inputs of a component: each field's own value, the value of the variable that it names, or what came over edges. Fields that the
 * editor hides keep their component's default, as in Langflow.
 *
 * @param wired  the values of those fields whose sources were not all pruned
 */
export function nodeInputs(
  node: PlanNode,
  resolved: ResolvedFields,
  wired: ReadonlyMap<string, FieldInput>,
): Record<string, FieldInput> {
  const inputs = Object.create(null) as Record<string, FieldInput>;
  const variables = resolved.get(node.id);
  for (const [name, field] of Object.entries(node.fields)) {
    if (wired.has(name)) continue;
    if (variables && Object.hasOwn(variables, name)) inputs[name] = variables[name];
    else if (field.show !== false || field.type === 'code') inputs[name] = ownValue(field);
  }
  for (const [name, value] of wired) inputs[name] = value;
  return inputs;
}

function ownValue(field: PlanField): Json {
  const isFile = field.type === 'file' && field.filePath !== undefined && field.filePath !== '';
  return isFile ? (field.filePath as Json) : field.value;
}

/** One item of a loop's list; the value itself when it is not a list. */
export function pickItem(value: OutputValue, index: number | undefined): OutputValue {
  if (index === undefined || !isPlainObject(value)) return value;
  if (value['kind'] === 'plain' && Array.isArray(value['value'])) {
    const item = value['value'][index] as Json | undefined;
    return isPlainObject(item) && typeof item['kind'] === 'string'
      ? item
      : { kind: 'plain', value: item ?? null };
  }
  if (value['kind'] === 'table' && Array.isArray(value['rows']))
    return { kind: 'data', data: (value['rows'][index] ?? {}) as Json };
  return value;
}

/** True for a live object, false for a value. */
export function isHandle(output: unknown): output is Handle {
  return isPlainObject(output) && output['kind'] === 'handle';
}
