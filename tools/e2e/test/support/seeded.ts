/** Random numbers in [0, 1) from a seed: a failure names its seed, with which it can be repeated. Source: mulberry32. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of this run: CAUSEWAY_SEED, else a new one. */
export function chosenSeed(): number {
  return Number(process.env['CAUSEWAY_SEED'] ?? Date.now() % 1_000_000);
}
