import type { RunLimits } from '@causeway/contracts';

/** The limits of a run: for each limit, the strictest value that is set. `platform` has a value for each of them. */
export function strictestLimits(
  platform: RunLimits,
  ...others: readonly (Partial<RunLimits> | undefined)[]
): RunLimits {
  const least = (name: keyof RunLimits): number =>
    Math.min(platform[name], ...others.map((limits) => limits?.[name] ?? Infinity));
  return {
    timeoutMs: least('timeoutMs'),
    maxTokens: least('maxTokens'),
    memoryBytes: least('memoryBytes'),
  };
}
