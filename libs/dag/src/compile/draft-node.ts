import { isNote } from '../file/check-structure.js';
import type { Catalogue } from '../catalogue.js';
import type { ComponentSpec } from '../component-spec.js';
import { componentClass } from '../component-type.js';
import type { ExpandedFlow } from '../file/expand-groups.js';
import { isPlainObject } from '../json.js';
import type { PlanOutput } from '../plan.js';
import { emptyRecord, entryOf, isForbiddenName, listAt, objectAt, textAt, textsAt } from '../safe-record.js';
import { indexSpec } from './spec-index.js';

/** A node as the file has it, together with the catalogue's spec of its type. */
export interface DraftNode {
  readonly id: string;
  /** Ids of the groups around it, outermost first. */
  readonly parents: readonly string[];
  readonly type: string;
  readonly displayName: string;
  readonly spec: ComponentSpec | undefined;
  /** Whether Langflow itself has the type, even if it cannot run here. */
  readonly isOfLangflow: boolean;
  /** `data.node` of the file. */
  readonly content: Readonly<Record<string, unknown>>;
  /** Fields under their present names. */
  readonly template: Readonly<Record<string, unknown>>;
  readonly outputs: readonly PlanOutput[];
  /** Whether the file lists outputs; files from before 1.0 do not. */
  readonly listsOutputs: boolean;
  readonly toolMode: boolean;
}

/** The one output of a node in tool mode. */
export const toolOutputName = 'component_as_tool';

/**
 * The nodes that may become part of a plan, in the file's order: without notes, second nodes of an id, and forbidden
 * names.
 */
export function draftNodes(flow: ExpandedFlow, catalogue: Catalogue): Map<string, DraftNode> {
  const drafts = new Map<string, DraftNode>();
  for (const node of flow.nodes) {
    const id = textAt(node, 'id') ?? '';
    const data = objectAt(node, 'data');
    const type = textAt(data, 'type');
    if (id === '' || isForbiddenName(id) || drafts.has(id) || isNote(node) || type === undefined) continue;
    const content = objectAt(data, 'node');
    const name = componentClass(type);
    const spec = isForbiddenName(name) ? undefined : catalogue.find(name);
    const listed = entryOf(content, 'outputs');
    const outputs = Array.isArray(listed) ? readOutputs(listAt(content, 'outputs'), spec) : specOutputs(spec);
    drafts.set(id, {
      id,
      parents: entryOf(flow.parents, id) ?? [],
      type: spec?.type ?? name,
      displayName: componentClass(textAt(content, 'display_name') || textAt(data, 'display_name') || name),
      spec,
      isOfLangflow: spec !== undefined || catalogue.isOfLangflow?.(name) === true,
      content,
      template: withPresentNames(objectAt(content, 'template'), spec),
      outputs,
      listsOutputs: Array.isArray(listed),
      toolMode: outputs.some((output) => output.name === toolOutputName),
    });
  }
  return drafts;
}

/**
 * A template whose fields have the names that the catalogue knows. If a file has both names, the one that is filled is
 * used.
 */
function withPresentNames(
  template: Readonly<Record<string, unknown>>,
  spec: ComponentSpec | undefined,
): Readonly<Record<string, unknown>> {
  const { renamed } = indexSpec(spec);
  if (![...renamed.keys()].some((former) => Object.hasOwn(template, former))) return template;
  const present = emptyRecord<unknown>();
  for (const [name, field] of Object.entries(template)) if (!renamed.has(name)) present[name] = field;
  for (const [former, name] of renamed) {
    const field = entryOf(template, former);
    if (field !== undefined && isEmpty(entryOf(present, name))) present[name] = field;
  }
  return present;
}

function isEmpty(field: unknown): boolean {
  if (!isPlainObject(field)) return true;
  const { value } = field;
  return value === undefined || value === null || value === '';
}

/** The catalogue's outputs in a plan's form. */
export function specOutputs(spec: ComponentSpec | undefined): PlanOutput[] {
  return (spec?.outputs ?? []).map((output) => ({
    name: output.name,
    displayName: output.displayName,
    method: output.method,
    types: output.types,
    kind: output.kind,
    toolMode: output.toolMode ?? true,
  }));
}

function readOutputs(listed: readonly unknown[], spec: ComponentSpec | undefined): PlanOutput[] {
  const known = indexSpec(spec).outputs;
  const outputs: PlanOutput[] = [];
  for (const output of listed) {
    const name = isPlainObject(output) ? textAt(output, 'name') : undefined;
    if (!isPlainObject(output) || name === undefined || isForbiddenName(name)) continue;
    const same = known.get(name);
    const types = textsAt(output, 'types') ?? [];
    outputs.push({
      name,
      displayName: textAt(output, 'display_name') ?? same?.displayName ?? name,
      method: textAt(output, 'method') ?? same?.method ?? name,
      types: types.length > 0 ? types : (same?.types ?? []),
      // A toolkit holds live tools. An output that the catalogue lacks needs no payload: its node cannot run.
      kind: name === toolOutputName ? 'handle' : (same?.kind ?? 'value'),
      toolMode: entryOf(output, 'tool_mode') !== false,
    });
  }
  return outputs;
}
