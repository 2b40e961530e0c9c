/** True when an output of one of the types may go where one of the others is taken. */
export function typesFit(given: readonly string[], taken: readonly (string | undefined)[]): boolean {
  return given.some((type) => taken.some((other) => other !== undefined && nameOf(other) === nameOf(type)));
}

/** Two types were renamed; files of all versions have both names. */
function nameOf(type: string): string {
  if (type === 'Data') return 'JSON';
  return type === 'DataFrame' ? 'Table' : type;
}
