import { isNote } from '../file/check-structure.js';
import type { Catalogue, ComponentSpec } from '../component-spec.js';
import type { ExpandedFlow } from '../file/expand-groups.js';
import { isPlainObject } from '../json.js';
import type { PlanOutput } from '../plan.js';
import { entryOf, isForbiddenName, listAt, objectAt, textAt, textsAt } from '../safe-record.js';
import { indexSpec } from './spec-index.js';

/** A node as the file has it, beside what the catalogue says about its type. */
export interface DraftNode {
  readonly id: string;
  /** Ids of the groups around it, outermost first. */
  readonly parents: readonly string[];
  readonly type: string;
  readonly displayName: string;
  readonly spec: ComponentSpec | undefined;
  /** `data.node` of the file. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly template: Readonly<Record<string, unknown>>;
  readonly outputs: readonly PlanOutput[];
  /** The file lists outputs; files from before 1.0 do not. */
  readonly listsOutputs: boolean;
  readonly toolMode: boolean;
}

/** The one output of a node in tool mode. */
export const toolOutputName = 'component_as_tool';

/** The nodes that may become part of a plan, in the file's order: no notes, no second node of one id, no forbidden names. */
export function draftNodes(flow: ExpandedFlow, catalogue: Catalogue): Map<string, DraftNode> {
  const drafts = new Map<string, DraftNode>();
  for (const node of flow.nodes) {
    const id = textAt(node, 'id') ?? '';
    const data = objectAt(node, 'data');
    const type = textAt(data, 'type');
    if (id === '' || isForbiddenName(id) || drafts.has(id) || isNote(node) || type === undefined) continue;
    const content = objectAt(data, 'node');
    const spec = isForbiddenName(type) ? undefined : catalogue.find(type);
    const listed = entryOf(content, 'outputs');
    const outputs = Array.isArray(listed) ? readOutputs(listAt(content, 'outputs'), spec) : specOutputs(spec);
    drafts.set(id, {
      id,
      parents: entryOf(flow.parents, id) ?? [],
      type: spec?.type ?? type,
      displayName: textAt(content, 'display_name') || textAt(data, 'display_name') || type,
      spec,
      content,
      template: objectAt(content, 'template'),
      outputs,
      listsOutputs: Array.isArray(listed),
      toolMode: outputs.some((output) => output.name === toolOutputName),
    });
  }
  return drafts;
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
      // A toolkit holds live tools; an output nobody knows is not worth a payload, its node cannot run.
      kind: name === toolOutputName ? 'handle' : (same?.kind ?? 'value'),
      toolMode: entryOf(output, 'tool_mode') !== false,
    });
  }
  return outputs;
}
