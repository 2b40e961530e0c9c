/** Longer than a stop takes that has nothing to wait for. */
const QUIET_MS = 2_000;

/**
 * Says once what a stop still waits for, when it takes long enough for a person to wonder.
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
