// One type under its old and its new name.
const renamed = new Map([
  ['Data', 'JSON'],
  ['DataFrame', 'Table'],
]);

/** True when an output of one of the types may go where one of the others is taken. */
export function typesFit(given: readonly string[], taken: readonly (string | undefined)[]): boolean {
  const names = new Set(taken.map((type) => (type === undefined ? undefined : (renamed.get(type) ?? type))));
  return given.some((type) => names.has(renamed.get(type) ?? type));
}
