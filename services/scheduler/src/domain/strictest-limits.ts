import type { RunLimits } from '@causeway/contracts';

/** The limits of a run: of each, the strictest that anybody set. `platform` has a value for all of them. */
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
