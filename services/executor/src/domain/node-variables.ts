import { ProblemCode, isPlainObject, looksLikeVariableName } from '@causeway/dag';
import type { Json, Plan, PlanField, PlanNode, Problem, RunScope } from '@causeway/dag';
import type { RequestFields } from './request-fields.js';

/** What a team or a request calls a value. */
export interface FoundVariable {
  readonly value: string;
  /** Credentials are given to secret fields, and to tables as the flow has them. */
  readonly isCredential: boolean;
  /** The request itself brought it. */
  readonly isOfRequest?: boolean;
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
 * Puts variables into the fields that name them. Secret fields may go without: their component has other sources for a key, and
 * names the variable when it finds none. A table that the request wrote gets no credentials: it could send them anywhere.
 *
 * @param written  the fields that the request changed
 * @returns  `fromRequest`: the fields whose values came with the request, as they stand or as variables
 */
export function resolveFields(
  plan: Plan,
  scope: RunScope,
  written: RequestFields,
  find: (name: string) => FoundVariable | undefined,
): { fields: ResolvedFields; fromRequest: RequestFields; problems: Problem[] } {
  const fields = new Map<string, Record<string, Json | undefined>>();
  const fromRequest = new Map([...written].map(([id, ofNode]) => [id, new Map(ofNode)]));
  const problems: Problem[] = [];
  for (const { node, name, field } of variableFields(plan, scope)) {
    const own = written.get(node.id)?.get(name);
    const mayShow = field.password === true || (field.type === 'table' && own === undefined);
    const lookUp = (variable: string): string | undefined => {
      const found = find(variable);
      const isUsable = found && (!found.isCredential || mayShow);
      if (!isUsable && field.password !== true) problems.push(missing(node, field, variable));
      return isUsable ? found.value : undefined;
    };
    const resolved = Array.isArray(field.value)
      ? field.value.map((row) => resolveRow(row, lookUp))
      : lookUp(field.value as string);
    const ofNode = fields.get(node.id) ?? {};
    ofNode[name] = resolved;
    fields.set(node.id, ofNode);
    if (Array.isArray(field.value)) continue;
    const ofRequest = fromRequest.get(node.id) ?? new Map<string, Json>();
    if (find(field.value as string)?.isOfRequest === true) ofRequest.set(name, own ?? field.value);
    else ofRequest.delete(name);
    fromRequest.set(node.id, ofRequest);
  }
  return { fields, fromRequest, problems };
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

function resolveRow(row: Json, lookUp: (name: string) => string | undefined): Json {
  const columns = markedColumns(row);
  if (columns.length === 0) return row;
  const resolved = { ...(row as Record<string, Json>) };
  for (const column of columns) resolved[column] = lookUp(resolved[column] as string) ?? '';
  return resolved;
}

function missing(node: PlanNode, field: PlanField, variable: string): Problem {
  // What stands in the place of a name can be a key.
  const isName = looksLikeVariableName(variable, field.password === true);
  const named = isName ? `the variable ${variable}, which` : 'a variable that';
  return {
    code: ProblemCode.variableMissing,
    severity: 'blocking',
    message: `"${node.displayName}" (${node.id}) takes its field "${field.displayName}" from ${named} does not exist or is a credential that this field may not show.`,
    remedy: isName
      ? `Set it with: npx causeway vars set ${variable}`
      : 'Name a variable on the node, and set it with: npx causeway vars set NAME',
    ...(isName && { variable }),
    nodes: [node.id],
    nodeType: node.type,
    field: field.displayName,
  };
}
