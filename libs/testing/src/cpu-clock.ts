/**
 * Starts a clock of the processor time of this thread, for limits on work: unlike the time of day, it does not go on
 * while other programs have the processor.
 *
 * @returns a function that returns the milliseconds used since the start
 */
export function startCpuClock(): () => number {
  const began = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(began);
    return (user + system) / 1_000;
  };
}
