import type { Api } from '../api.js';
import type { Output } from '../output.js';
import { traceMermaid, traceTree } from './trace-text.js';
import type { TraceRun } from './trace-text.js';

/** Shows the path a run took. */
export async function trace(
  api: Api,
  runId: string,
  options: { mermaid?: boolean },
  output: Output,
): Promise<number> {
  const run = await api.json<TraceRun>('GET', `/api/platform/v1/runs/${runId}`);
  const mermaid = traceMermaid(run);
  output.result({ ...run, mermaid }, () => (options.mermaid ? mermaid : `${traceTree(run)}\n\n${mermaid}`));
  return 0;
}
