import type { FlowProblem } from '@causeway/contracts';
import { type Plan, ProblemCode } from '@causeway/dag';
import { z } from 'zod';

/** A field whose value is the name of a variable. */
export interface VariableUse {
  readonly node: string;
  readonly nodeName: string;
  readonly nodeType: string;
  readonly field: string;
  readonly variable: string;
}

/** The stored form of a list of uses. */
export const VariableUses = z.array(
  z.object({
    node: z.string(),
    nodeName: z.string(),
    nodeType: z.string(),
    field: z.string(),
    variable: z.string(),
  }),
);

/** The fields of a plan that take a variable when it runs: not those that an edge fills. */
export function variableUses(plan: Plan): VariableUse[] {
  const wired = new Set(plan.edges.map(({ target, field }) => JSON.stringify([target, field])));
  return Object.values(plan.nodes).flatMap((node) =>
    Object.entries(node.fields).flatMap(([name, field]): VariableUse[] => {
      const { value, loadFromDb, show } = field;
      if (!loadFromDb || show === false || typeof value !== 'string' || value === '') return [];
      if (wired.has(JSON.stringify([node.id, name]))) return [];
      return [
        { node: node.id, nodeName: node.displayName, nodeType: node.type, field: name, variable: value },
      ];
    }),
  );
}

/** A warning for each use of a variable that does not exist: a run may still bring it, or the environment may. */
export function missingVariables(uses: readonly VariableUse[], existing: ReadonlySet<string>): FlowProblem[] {
  return uses
    .filter(({ variable }) => !existing.has(variable))
    .map(({ node, nodeName, nodeType, field, variable }) => ({
      code: ProblemCode.variableMissing,
      severity: 'warning',
      message: `"${nodeName}" (${node}) takes its field "${field}" from the variable "${variable}", which does not exist.`,
      remedy: `Set it with: npx causeway vars set ${variable}`,
      nodes: [node],
      nodeType,
      field,
    }));
}
