/** A stop that waits for nothing takes less time than this. */
const QUIET_MS = 2_000;

/**
 * Prints once which processes a stop still waits for, if it takes long.
 *
 * @param left  names of the processes that have not ended
 */
export async function tellWait(
  stopping: Promise<unknown>,
  left: () => readonly string[],
  say: (line: string) => void,
  quietMs = QUIET_MS,
): Promise<void> {
  const timer = setTimeout(() => {
    const names = left();
    if (names.length > 0) say(`still stopping: ${names.join(', ')}`);
  }, quietMs);
  await stopping.finally(() => clearTimeout(timer));
}
