import type { Plan } from '@causeway/dag';

/** Names of the variables that a flow reads when it runs: those in fields that are shown and that no edge fills. */
export function flowVariables(plan: Plan): string[] {
  const wired = new Set(plan.edges.map(({ target, field }) => JSON.stringify([target, field])));
  const names = Object.values(plan.nodes).flatMap(({ id, fields }) =>
    Object.entries(fields).flatMap(([name, { value, loadFromDb, show }]) => {
      const isRead = loadFromDb && show !== false && !wired.has(JSON.stringify([id, name]));
      return isRead && typeof value === 'string' && value !== '' ? [value] : [];
    }),
  );
  return [...new Set(names)].toSorted();
}
