import type { FlowProblem } from '@causeway/contracts';
import { type Plan, type Problem, ProblemCode, ProblemList, looksLikeVariableName } from '@causeway/dag';
import { z } from 'zod';

/** A field whose value is the name of a variable. */
export interface VariableUse {
  readonly node: string;
  readonly nodeName: string;
  readonly nodeType: string;
  readonly field: string;
  /** What stands in the field: the name, or a key that somebody typed there. */
  readonly variable: string;
  /** The field is one for secrets. */
  readonly isSecret: boolean;
  /** The catalogue declares the field secret. */
  readonly takesCredentials?: boolean | undefined;
}

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

/** The fields of a plan that take a variable when it runs: not those that an edge fills. */
export function variableUses(plan: Plan): VariableUse[] {
  const wired = new Set(plan.edges.map(({ target, field }) => JSON.stringify([target, field])));
  return Object.values(plan.nodes).flatMap((node) =>
    Object.entries(node.fields).flatMap(([name, field]): VariableUse[] => {
      const { value, loadFromDb, show, password } = field;
      if (!loadFromDb || show === false || typeof value !== 'string' || value === '') return [];
      if (wired.has(JSON.stringify([node.id, name]))) return [];
      return [
        {
          node: node.id,
          nodeName: node.displayName,
          nodeType: node.type,
          field: name,
          variable: value,
          isSecret: password === true,
          ...(field.takesCredentials && { takesCredentials: true }),
        },
      ];
    }),
  );
}

/** True when what stands in the field may be shown: it could be a key otherwise. */
export function mayShow({ variable, isSecret }: VariableUse): boolean {
  return looksLikeVariableName(variable, isSecret);
}

/**
 * A warning for each use of a variable that does not exist, since a run may still bring it, or the environment may; and for each
 * of a credential in a field that may not show one.
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
  const told = mayShow(use)
    ? {
        message: `${what} the variable "${variable}", which does not exist.`,
        remedy: `Set it with: npx causeway vars set ${variable}`,
        variable,
      }
    : {
        message: `${what} a variable that does not exist; its name is in the node, and is not shown since it could be a key.`,
        remedy:
          'If it is a key, put it into a variable (npx causeway vars set NAME) and name that on the node; if it is a name, set the variable.',
      };
  return { code: ProblemCode.variableMissing, severity: 'warning', ...told, nodes: [node], nodeType, field };
}
