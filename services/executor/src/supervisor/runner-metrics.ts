import type { ForeignMetrics } from '@causeway/platform';

const ASK_TIMEOUT_MS = 2_000;

/** A runner whose metrics are read. */
export interface AskedRunner {
  readonly kind: string;
  /** The port of its /metrics; undefined before it is ready. */
  readonly internalPort?: number | undefined;
}

/** The metrics of all runners, shown at the supervisor's own port. A runner that does not answer is left out; runners of each kind are numbered from 1. */
export async function readRunnerMetrics(
  runners: readonly AskedRunner[],
  internalHost: string,
): Promise<ForeignMetrics[]> {
  const host = internalHost === '0.0.0.0' || internalHost === '::' ? '127.0.0.1' : internalHost;
  const seen = new Map<string, number>();
  const asked = runners.map(async ({ kind, internalPort }) => {
    const nth = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, nth);
    if (internalPort === undefined) return [];
    try {
      const answer = await fetch(`http://${host}:${internalPort}/metrics`, {
        signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      });
      return answer.ok ? [{ text: await answer.text(), labels: { runner: `${kind}-${nth}` } }] : [];
    } catch {
      return [];
    }
  });
  return (await Promise.all(asked)).flat();
}
