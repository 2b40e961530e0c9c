/** Wrong tries that cost nothing but the time of each. */
const FREE_TRIES = 5;
const FIRST_LOCK_S = 30;
const LONGEST_LOCK_S = 900;

/** For how long nobody may try a user name again after so many wrong tries in a row, in seconds; it doubles with each further one. */
export function lockSeconds(failures: number): number {
  if (failures < FREE_TRIES) return 0;
  return Math.min(LONGEST_LOCK_S, FIRST_LOCK_S * 2 ** Math.min(10, failures - FREE_TRIES));
}

/** The same for 1, 2, 3 … wrong tries, up to the one from which on it does not get longer. */
export const LOCKS_S: readonly number[] = Array.from({ length: FREE_TRIES + 5 }, (_, index) =>
  lockSeconds(index + 1),
);
