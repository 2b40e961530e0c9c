import type { PlanNode } from '../plan.js';
import { type Problem, ProblemCode } from '../problem.js';
import { hasMask } from '../secret/restore-secrets.js';

/** Fields that hold a mask although no secret is stored there: a run would send the mask instead of the key. */
export function checkMasks(node: PlanNode, wiredFields: ReadonlySet<string>): Problem[] {
  return Object.entries(node.fields)
    .filter(([name, { value, show }]) => show !== false && !wiredFields.has(name) && hasMask(value))
    .map(([name, { displayName }]) => ({
      code: ProblemCode.secretMasked,
      severity: 'blocking',
      message: `"${node.displayName}" (${node.id}) has a mask in its field "${displayName}" instead of a secret, and no secret is stored there.`,
      remedy: 'Type the secret in again, or name a variable that holds it.',
      nodes: [node.id],
      nodeType: node.type,
      field: name,
    }));
}
