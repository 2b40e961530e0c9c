/** A time with any offset, converted to UTC, as in the contracts. */
export function utcTime(text: string): string {
  return new Date(text).toISOString();
}
