import { ProblemCode, isPlainObject, looksLikeVariableName } from '@causeway/dag';
import type { Json, Plan, PlanField, PlanNode, Problem, RunScope } from '@causeway/dag';
import type { RequestFields } from './request-fields.js';

/** A value that a team or a request has given a name. */
export interface FoundVariable {
  readonly value: string;
  /** Credentials are given to fields that the catalogue declares secret, as the flow has them. */
  readonly isCredential: boolean;
  /** The request itself brought it. */
  readonly isOfRequest?: boolean;
  /** Hosts to which a credential may be sent, in addition to the origins that a flow names. */
  readonly allowedHosts?: readonly string[];
}

/** Values of fields that name variables: by node, then by field. A variable that was not found leaves its field empty. */
export type ResolvedFields = ReadonlyMap<string, Readonly<Record<string, Json | undefined>>>;

/** Columns of a table row that name variables, as Langflow marks them. */
const ROW_MARK = '__load_from_db_fields';

/** Names of all variables that a run's fields take their values from. */
export function wantedVariables(plan: Plan, scope: RunScope): string[] {
  return [...new Set(variableFields(plan, scope).flatMap(({ field }) => namesIn(field)))];
}

/**
 * Puts variables into the fields that name them. A secret field may stay empty: its component has other sources for a key, and
 * names the variable when it finds none. A credential is put only into a field that the catalogue declares secret, and never because a
 * request names it: callers who may run a flow may use its credentials, not choose them.
 *
 * @param own      the stored flow's plan
 * @param plan     the same with the request's changes
 * @param written  the fields that the request changed
 * @returns  `fromRequest`: the fields whose values came with the request, directly or as variables
 */
export function resolveFields(
  own: Plan,
  plan: Plan,
  scope: RunScope,
  written: RequestFields,
  find: (name: string) => FoundVariable | undefined,
): { fields: ResolvedFields; fromRequest: RequestFields; problems: Problem[] } {
  const fields = new Map<string, Record<string, Json | undefined>>();
  const fromRequest = new Map([...written].map(([id, ofNode]) => [id, new Map(ofNode)]));
  const problems: Problem[] = [];
  for (const { node, name, field } of variableFields(plan, scope)) {
    const isWritten = written.get(node.id)?.has(name) === true;
    const isChosen = isWritten && !namesTheSame(own.nodes[node.id]?.fields[name], field);
    const lookUp = (variable: string, column?: string): string | undefined => {
      const found = find(variable);
      // The names of headers and members appear in errors and logs of other systems.
      const takesIt = field.takesCredentials === true && column !== 'key';
      const problem = problemOf(found, { node, field, variable, isChosen, takesIt });
      if (problem !== undefined) problems.push(problem);
      return problem === undefined ? found?.value : undefined;
    };
    const resolved = Array.isArray(field.value)
      ? field.value.map((row) => resolveRow(row, lookUp))
      : lookUp(field.value as string);
    const ofNode = fields.get(node.id) ?? {};
    ofNode[name] = resolved;
    fields.set(node.id, ofNode);
    if (Array.isArray(field.value)) continue;
    const ofRequest = fromRequest.get(node.id) ?? new Map<string, Json>();
    if (find(field.value as string)?.isOfRequest === true)
      ofRequest.set(name, written.get(node.id)?.get(name) ?? field.value);
    else ofRequest.delete(name);
    fromRequest.set(node.id, ofRequest);
  }
  return { fields, fromRequest, problems };
}

/** True when the request names the variable that the flow names there as well. */
function namesTheSame(own: PlanField | undefined, field: PlanField): boolean {
  return own?.loadFromDb === true && typeof own.value === 'string' && own.value === field.value;
}

interface VariableUse {
  readonly node: PlanNode;
  readonly field: PlanField;
  readonly variable: string;
  /** The request chose the variable, not the flow. */
  readonly isChosen: boolean;
  /** The place takes a credential. */
  readonly takesIt: boolean;
}

function problemOf(found: FoundVariable | undefined, use: VariableUse): Problem | undefined {
  const { isChosen, takesIt } = use;
  if (found === undefined) return takesIt && !isChosen ? undefined : missing(use);
  if (!found.isCredential) return undefined;
  // The same words as for a variable that does not exist: a request must not learn the names of credentials.
  if (isChosen) return missing(use);
  return takesIt ? undefined : shown(use);
}

function variableFields(plan: Plan, scope: RunScope): { node: PlanNode; name: string; field: PlanField }[] {
  return scope.nodes.flatMap((id) => {
    const node = plan.nodes[id];
    if (!node) return [];
    return Object.entries(node.fields)
      .filter(([name, field]) => namesIn(field).length > 0 && !isWired(plan, id, name))
      .map(([name, field]) => ({ node, name, field }));
  });
}

function isWired(plan: Plan, target: string, field: string): boolean {
  return plan.edges.some((edge) => edge.target === target && edge.field === field);
}

function namesIn(field: PlanField): string[] {
  if (field.show === false) return [];
  if (field.loadFromDb === true && typeof field.value === 'string')
    return field.value === '' ? [] : [field.value];
  if (field.type !== 'table' || !Array.isArray(field.value)) return [];
  return field.value.flatMap((row) =>
    markedColumns(row).map((column) => (row as Record<string, Json>)[column] as string),
  );
}

function markedColumns(row: Json): string[] {
  if (!isPlainObject(row) || !Array.isArray(row[ROW_MARK])) return [];
  return (row[ROW_MARK] as unknown[]).filter(
    (column): column is string =>
      typeof column === 'string' && typeof row[column] === 'string' && row[column] !== '',
  );
}

function resolveRow(row: Json, lookUp: (name: string, column: string) => string | undefined): Json {
  const columns = markedColumns(row);
  if (columns.length === 0) return row;
  const resolved = { ...(row as Record<string, Json>) };
  for (const column of columns) resolved[column] = lookUp(resolved[column] as string, column) ?? '';
  return resolved;
}

function missing({ node, field, variable, isChosen }: VariableUse): Problem {
  // The text in the place of a name may be a key, so it is not shown.
  const isName = looksLikeVariableName(variable, field.password === true);
  const named = isName ? `the variable ${variable}` : 'a variable';
  const where = `its field "${field.displayName}" from ${named}`;
  if (isChosen)
    return problem(
      { node, field },
      `The request lets "${node.displayName}" (${node.id}) take ${where}, which the request does not bring and which is not a stored variable of type Generic; a request cannot choose stored credentials.`,
      `Send the header X-LANGFLOW-GLOBAL-VAR-${isName ? variable : 'NAME'} with the request, or the value itself.`,
    );
  return {
    ...problem(
      { node, field },
      `"${node.displayName}" (${node.id}) takes ${where}, which does not exist.`,
      isName
        ? `Set it with: npx causeway vars set ${variable}`
        : 'Name a variable on the node, and set it with: npx causeway vars set NAME',
    ),
    ...(isName && { variable }),
  };
}

function shown({ node, field, variable }: VariableUse): Problem {
  return problem(
    { node, field },
    `"${node.displayName}" (${node.id}) takes its field "${field.displayName}" from the variable ${variable}, which is a credential; only fields that are secret in the catalogue take credentials, whatever the flow's file says.`,
    `Name a variable that may be shown, set with: npx causeway vars set NAME --generic`,
  );
}

function problem(
  { node, field }: Pick<VariableUse, 'node' | 'field'>,
  message: string,
  remedy: string,
): Problem {
  const { id, type } = node;
  return {
    code: ProblemCode.variableMissing,
    severity: 'blocking',
    message,
    remedy,
    nodes: [id],
    nodeType: type,
    field: field.displayName,
  };
}
