/** A time with any offset, in UTC, as contracts carry it. */
export function utcTime(text: string): string {
  return new Date(text).toISOString();
}
