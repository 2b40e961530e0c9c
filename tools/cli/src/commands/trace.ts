import { createHash } from 'node:crypto';
import { catalogue } from '@causeway/components/specs';
import { compileFlow, parseFlowFile, versionHash } from '@causeway/dag';
import { type Api, ApiError } from '../api.js';
import type { Output } from '../output.js';
import { traceMermaid } from './trace-mermaid.js';
import type { TraceEdge } from './trace-mermaid.js';
import { traceTree } from './trace-text.js';
import type { TraceRun } from './trace-text.js';

/** Shows the path a run took. */
export async function trace(
  api: Api,
  runId: string,
  options: { mermaid?: boolean },
  output: Output,
): Promise<number> {
  const run = await api.json<TraceRun>('GET', `/api/platform/v1/runs/${runId}`);
  const edges = await findEdges(api, run);
  if (!edges) output.progress('The flow has changed since this run: arrows show the order of steps.');
  const mermaid = traceMermaid(run, edges);
  output.result({ ...run, mermaid }, () => (options.mermaid ? mermaid : `${traceTree(run)}\n\n${mermaid}`));
  return 0;
}

/** The edges of the version that ran, while it is the flow's newest one. */
async function findEdges(api: Api, run: TraceRun): Promise<readonly TraceEdge[] | undefined> {
  const flow = await api.json('GET', `/api/v1/flows/${run.flowId}`).catch((error: unknown) => {
    // Who may see a run need not see the flow, and the flow may be gone.
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  });
  const [document] = parseFlowFile(flow).flows;
  if (!document || versionHash(document, sha256) !== run.versionHash) return undefined;
  return compileFlow(document, catalogue).edges;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
