import type { PlanNode } from '../plan.js';
import { type Problem, ProblemCode } from '../problem.js';
import { hasMask } from '../secret/restore-secrets.js';

/** Fields that hold a mask where nothing was stored that it could stand for: a run would send the mask for the key. */
export function checkMasks(node: PlanNode, wiredFields: ReadonlySet<string>): Problem[] {
  return Object.entries(node.fields)
    .filter(([name, { value, show }]) => show !== false && !wiredFields.has(name) && hasMask(value))
    .map(([name, { displayName }]) => ({
      code: ProblemCode.secretMasked,
      severity: 'blocking',
      message: `"${node.displayName}" (${node.id}) has a mask in its field "${displayName}" in the place of a secret, and no secret is stored there.`,
      remedy: 'Type the secret in again, or name a variable that holds it.',
      nodes: [node.id],
      nodeType: node.type,
      field: name,
    }));
}
