import type { Plan, PlanField, PlanNode } from '../plan.js';
import { type Problem, ProblemCode } from '../problem.js';
import { ProblemList } from '../problem-list.js';
import type { RunScope } from '../run.js';
import { entryOf } from '../safe-record.js';

/**
 * True when a node needs a value in a field and has none. Not required here: models and secrets, which have sources
 * outside the flow; arguments of a tool, which the model gives; the request's own input.
 */
export function isMissing(node: PlanNode, name: string, field: PlanField): boolean {
  if (!field.required || field.show === false || field.password || field.filePath !== undefined) return false;
  if (field.type === 'code' || field.type === 'model') return false;
  if (node.toolMode && field.toolMode) return false;
  if (node.role === 'input' && name === 'input_value') return false;
  const { value } = field;
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Fields without value or edge that the nodes of a run need. Check this when tweaks and input are in the plan. */
export function missingFields(plan: Plan, scope: RunScope): Problem[] {
  let wired: Set<string> | undefined;
  const problems = new ProblemList();
  for (const id of scope.nodes) {
    const node = entryOf(plan.nodes, id);
    if (node === undefined) continue;
    for (const [name, field] of Object.entries(node.fields)) {
      if (!isMissing(node, name, field)) continue;
      // Most runs need no such list.
      wired ??= new Set(plan.edges.map((edge) => JSON.stringify([edge.target, edge.field])));
      if (wired.has(JSON.stringify([id, name]))) continue;
      problems.add({
        code: ProblemCode.fieldMissing,
        severity: 'blocking',
        message: `"${node.displayName}" (${id}) needs a value in its field "${field.displayName}".`,
        remedy: `Fill it in Langflow, or give the run the tweak {"${id}": {"${name}": …}}.`,
        nodes: [id],
        nodeType: node.type,
        field: name,
      });
    }
  }
  return problems.toArray();
}
