/**
 * Waits for a promise, but no longer than the given time. Then the promise continues and its result is ignored. An error within the
 * time is thrown.
 *
 * @param limitMs  milliseconds
 * @returns undefined when the time is over
 */
export async function waitAtMost<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), limitMs)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
