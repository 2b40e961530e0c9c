import { createHash } from 'node:crypto';
import { catalogue } from '@causeway/components/specs';
import { compileFlow, parseFlowFile, versionHash } from '@causeway/dag';
import { type Api, ApiError } from '../../api.js';
import { parseId } from '../../arguments.js';
import type { Output } from '../../output.js';
import { traceMermaid } from './trace-mermaid.js';
import type { TraceEdge } from './trace-mermaid.js';
import { traceTree } from './trace-text.js';
import type { TraceRun } from './trace-text.js';

/** Shows the steps of a run: as a tree and as a Mermaid chart, or as one of them. */
export async function trace(
  api: Api,
  runId: string,
  options: { tree?: boolean; mermaid?: boolean },
  output: Output,
): Promise<number> {
  const run = await api.json<TraceRun>('GET', `/api/platform/v1/runs/${parseId('run', runId)}`);
  const flow = await findFlowOf(api, run);
  const edges = flow && findEdges(flow, run);
  const { tree, mermaid: chart } = options.tree || options.mermaid ? options : { tree: true, mermaid: true };
  if (!edges && chart)
    output.progress('The flow has changed since this run, so the arrows show the order of the steps.');
  const mermaid = traceMermaid(run, edges);
  output.result({ ...run, flowName: flow?.name ?? null, mermaid }, () =>
    [...(tree ? [traceTree(run, flow?.name)] : []), ...(chart ? [mermaid] : [])].join('\n\n'),
  );
  return 0;
}

/** The current flow of a run; undefined for a caller who may read only the run, and when the flow was deleted. */
async function findFlowOf(api: Api, run: TraceRun): Promise<{ readonly name: string } | undefined> {
  return api.json<{ name: string }>('GET', `/api/v1/flows/${run.flowId}`).catch((error: unknown) => {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  });
}

/** The edges of the executed version, while it is the flow's newest one. */
function findEdges(flow: unknown, run: TraceRun): readonly TraceEdge[] | undefined {
  const [document] = parseFlowFile(flow).flows;
  if (!document || versionHash(document, sha256) !== run.versionHash) return undefined;
  return compileFlow(document, catalogue).edges;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
