import { isFinal } from '@causeway/dag';
import type { RunStatus } from '@causeway/dag';
import type { Api } from '../api.js';
import { parseId, parseLimit, parseStatus } from '../arguments.js';
import { table } from '../output.js';
import type { Output } from '../output.js';
import { describeNone } from './access/find-named.js';
import { findFlow, findFlows } from './find-flow.js';
import { seconds } from './trace/trace-text.js';

interface RunRow {
  readonly id: string;
  readonly flowId: string;
  readonly status: string;
  readonly trigger: string;
  readonly submittedAt: string;
  readonly finishedAt: string | null;
  readonly errorCode: string | null;
}

/** Lists runs, newest first. */
export async function runs(
  api: Api,
  options: { flow?: string; status?: string; limit: string },
  output: Output,
): Promise<number> {
  const query = new URLSearchParams({ limit: String(parseLimit(options.limit)) });
  if (options.status !== undefined) query.set('status', parseStatus(options.status));
  if (options.flow !== undefined) query.set('flow_id', (await findFlow(api, options.flow)).id);
  const page = await api.json<{ items: RunRow[]; next?: string }>('GET', `/api/platform/v1/runs?${query}`);
  const flows = page.items.length > 0 ? await findFlows(api) : [];
  const names = new Map(flows.map(({ id, name }) => [id, name]));
  const items = page.items.map((run) => ({ ...run, flowName: names.get(run.flowId) ?? null }));
  const none = items.length === 0 ? await describeNone(api, 'such runs') : undefined;
  output.result(
    { ...page, items },
    () =>
      none ??
      table(
        ['run', 'flow', 'status', 'submitted', 'took', 'trigger', 'error'],
        items.map((run) => [
          run.id,
          run.flowName ?? run.flowId,
          run.status,
          run.submittedAt,
          run.finishedAt === null ? '' : seconds(run.submittedAt, run.finishedAt),
          run.trigger,
          run.errorCode ?? '',
        ]),
      ),
  );
  if (page.next !== undefined) output.progress('there are more runs; show more with --limit');
  return 0;
}

/** Asks for a run to end. */
export async function cancel(api: Api, runId: string, output: Output): Promise<number> {
  const answer = await api.json<{ status: string; requested: boolean }>(
    'POST',
    `/api/platform/v1/runs/${parseId('run', runId)}/cancel`,
  );
  output.result(answer, () => {
    if (!answer.requested) return `nothing to cancel: the run has already ended as ${answer.status}`;
    if (isFinal(answer.status as RunStatus)) return `the run is ${answer.status}`;
    return `cancelling; the run is still ${answer.status}; see: npx causeway trace ${runId}`;
  });
  return 0;
}
