export interface WaitOptions {
  /** @default 60_000: long enough on a machine that is busy with other work */
  readonly timeoutMs?: number;
  /** @default 20 */
  readonly everyMs?: number;
  /** What is waited for, for the error. @default the condition's source */
  readonly what?: string;
}

/**
 * Waits until a condition returns a value other than `undefined`, `null` or `false`, and returns that value.
 * A condition that throws counts as not yet met.
 *
 * @throws Error that names what was waited for, with the condition's last error as its cause
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 60_000, everyMs = 20, what = condition.toString() }: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const found = await condition();
      if (found !== undefined && found !== null && found !== false) {
        return found as Exclude<T, undefined | null | false>;
      }
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) {
      const why = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`not within ${timeoutMs} ms: ${what}${why}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
