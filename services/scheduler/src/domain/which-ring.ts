/** A run that nobody has claimed for so long waits for a free executor: its doorbell is hardly lost. */
const WAITING_MS = 30_000;
const OFTEN_MS = 4_000;

/**
 * Names the ring that is due for a run that nobody claims: another name every few seconds at first, then every half minute. The bus
 * takes two rings of one name for one, so a run that waits for a free executor is not put before it twelve times a minute.
 *
 * @param releasedMs  how long ago it was handed over, in milliseconds
 */
export function whichRing(releasedMs: number): string {
  return releasedMs < WAITING_MS
    ? `again ${Math.floor(releasedMs / OFTEN_MS)}`
    : `waiting ${Math.floor(releasedMs / WAITING_MS)}`;
}
