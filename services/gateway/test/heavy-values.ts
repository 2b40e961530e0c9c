/** Random numbers from 0 to below 1; the same seed gives the same numbers. Source: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Values of about so many bytes that cost as much as possible, as JSON; `deep` and `cut` are refused. */
export const heavyValues: Readonly<Record<string, (bytes: number) => string>> = {
  text: (bytes) => JSON.stringify('x'.repeat(bytes)),
  wide: (bytes) => JSON.stringify('€'.repeat(bytes / 3)),
  braces: (bytes) => JSON.stringify('{a '.repeat(bytes / 3)),
  quotes: (bytes) => JSON.stringify('"'.repeat(bytes / 2)),
  escapes: (bytes) => `"${'\\u0000'.repeat(bytes / 6)}"`,
  lists: (bytes) => `[${'[],'.repeat(bytes / 3)}[]]`,
  objects: (bytes) => `[${'{},'.repeat(bytes / 3)}{}]`,
  members: (bytes) => `{${Array.from({ length: bytes / 24 }, (_, at) => `"name-${at}":{"a":1}`).join(',')}}`,
  numbers: (bytes) => `[${'1e5,'.repeat(bytes / 4)}1]`,
  // As many values as are just accepted, whatever the size.
  values: (bytes) => `[${`"${'x'.repeat(Math.max(1, bytes / 45_000 - 3))}",`.repeat(45_000)}1]`,
  names: (bytes) => {
    const rest = 'x'.repeat(Math.max(1, Math.floor(bytes / 45_000) - 12));
    return `{${Array.from({ length: 45_000 }, (_, at) => `"${at}${rest}":1`).join(',')}}`;
  },
  deep: (bytes) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2),
  levels: (bytes) => '{"a":'.repeat(150) + JSON.stringify('x'.repeat(bytes)) + '}'.repeat(150),
  cut: (bytes) => `{"a":"${'x'.repeat(bytes)}`,
};
