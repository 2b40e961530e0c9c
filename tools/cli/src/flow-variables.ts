import { type Plan, looksLikeVariableName } from '@causeway/dag';

/**
 * Names of the variables that a flow reads when it runs: those in fields that are shown and that no edge fills. What could be a
 * key in the place of a name is left out.
 */
export function flowVariables(plan: Plan): string[] {
  const wired = new Set(plan.edges.map(({ target, field }) => JSON.stringify([target, field])));
  const names = Object.values(plan.nodes).flatMap(({ id, fields }) =>
    Object.entries(fields).flatMap(([name, { value, loadFromDb, show, password }]) => {
      const isRead = loadFromDb && show !== false && !wired.has(JSON.stringify([id, name]));
      if (!isRead || typeof value !== 'string' || value === '') return [];
      return looksLikeVariableName(value, password === true) ? [value] : [];
    }),
  );
  return [...new Set(names)].toSorted();
}
