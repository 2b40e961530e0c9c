import type { FlowProblem } from '@causeway/contracts';
import {
  type Problem,
  ProblemCode,
  ProblemList,
  type VariableUse,
  isNameShown,
  unshownVariableRemedy,
} from '@causeway/dag';
import { z } from 'zod';

/** The stored form of a list of uses. */
export const VariableUses = z.array(
  z.object({
    node: z.string(),
    nodeName: z.string(),
    nodeType: z.string(),
    field: z.string(),
    variable: z.string(),
    isSecret: z.boolean(),
    takesCredentials: z.boolean().optional(),
  }),
);

/**
 * A warning for each use of a variable that does not exist, since the request or the environment may still provide it; and for each
 * use of a credential in a field that is not secret in the catalogue.
 *
 * @param existing  types of the team's variables, by name
 */
export function variableProblems(
  uses: readonly VariableUse[],
  existing: ReadonlyMap<string, string>,
): FlowProblem[] {
  const found = new ProblemList();
  found.addAll(uses.filter(({ variable }) => !existing.has(variable)).map(missingVariable));
  found.addAll(
    uses
      .filter((use) => existing.get(use.variable) === 'Credential' && use.takesCredentials !== true)
      .map(shownCredential),
  );
  return found.toArray().map((problem) => ({ ...problem, nodes: [...problem.nodes] }));
}

function shownCredential({ node, nodeName, nodeType, field, variable }: VariableUse): Problem {
  return {
    code: ProblemCode.variableMissing,
    severity: 'warning',
    message: `"${nodeName}" (${node}) takes its field "${field}" from the variable "${variable}", which is a credential; only fields that are secret in the catalogue take credentials, so its runs fail.`,
    remedy: 'Name a variable that may be shown, set with: npx causeway vars set NAME --generic',
    nodes: [node],
    nodeType,
    field,
  };
}

function missingVariable(use: VariableUse): Problem {
  const { node, nodeName, nodeType, field, variable } = use;
  const what = `"${nodeName}" (${node}) takes its field "${field}" from`;
  const words = isNameShown(use)
    ? {
        message: `${what} the variable "${variable}", which does not exist.`,
        remedy: `Set it with: npx causeway vars set ${variable}`,
        variable,
      }
    : {
        message: `${what} a variable that does not exist; its name is in the node, and is not shown since it could be a key.`,
        remedy: unshownVariableRemedy,
      };
  return { code: ProblemCode.variableMissing, severity: 'warning', ...words, nodes: [node], nodeType, field };
}
