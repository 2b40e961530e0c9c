import type { Plan } from '../plan.js';
import { looksLikeVariableName } from '../secret/variable-name.js';

/** A field whose value is the name of a variable. */
export interface VariableUse {
  readonly node: string;
  readonly nodeName: string;
  readonly nodeType: string;
  readonly field: string;
  /** The value of the field: the variable's name, or a key that a person typed there by mistake. */
  readonly variable: string;
  /** The file or the catalogue marks the field as secret. */
  readonly isSecret: boolean;
  /** The catalogue declares the field secret. */
  readonly takesCredentials?: boolean | undefined;
}

/** The fields of a plan that take a variable when it runs, without those that an edge fills. */
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

/**
 * True when the variable's name may be shown: a text that does not look like a name could be a key that was typed into
 * the wrong field.
 */
export function isNameShown({ variable, isSecret }: VariableUse): boolean {
  return looksLikeVariableName(variable, isSecret);
}

/** What to do about a variable whose name is not shown. */
export const unshownVariableRemedy =
  'If it is a key, put it into a variable (npx causeway vars set NAME) and name that on the node; if it is a name, set the variable.';
