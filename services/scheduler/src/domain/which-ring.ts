/** A run that is not claimed for this long probably waits for a free executor. Its doorbell is probably not lost. */
const WAITING_MS = 30_000;
const OFTEN_MS = 4_000;

/**
 * Names the ring that is due for an unclaimed run. The name changes every few seconds at first, then every half minute. The bus
 * delivers rings with the same name only once, so a run that waits for a free executor is announced only twice a minute.
 *
 * @param releasedMs  how long ago the run was released, in milliseconds
 */
export function whichRing(releasedMs: number): string {
  return releasedMs < WAITING_MS
    ? `again ${Math.floor(releasedMs / OFTEN_MS)}`
    : `waiting ${Math.floor(releasedMs / WAITING_MS)}`;
}
