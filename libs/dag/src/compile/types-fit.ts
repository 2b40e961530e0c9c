/**
 * True when an output with one of the `given` types may be connected to a field that accepts one of the `taken` types.
 */
export function typesFit(given: readonly string[], taken: readonly (string | undefined)[]): boolean {
  return given.some((type) => taken.some((other) => other !== undefined && nameOf(other) === nameOf(type)));
}

/** Two types were renamed; files of different versions have one name or the other. */
function nameOf(type: string): string {
  if (type === 'Data') return 'JSON';
  return type === 'DataFrame' ? 'Table' : type;
}
