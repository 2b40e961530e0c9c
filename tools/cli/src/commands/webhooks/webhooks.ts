import type { FlowWebhook } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { findFlow, listFlows } from '../find-flow.js';

/** A webhook when it is made: the only time when its address and secret are shown. */
interface Made extends FlowWebhook {
  readonly path: string;
  readonly secret?: string;
}

/** So many flows are asked about at a time. */
const AT_ONCE = 8;

/** Lists the flows that have a webhook. No route lists them, so each flow is asked about. */
export async function listWebhooks(api: Api, output: Output): Promise<number> {
  const flows = await listFlows(api);
  const found: { flowId: string; flow: string; id: string; isSigned: boolean; createdAt: string }[] = [];
  for (let start = 0; start < flows.length; start += AT_ONCE) {
    const some = flows.slice(start, start + AT_ONCE);
    const hooks = await Promise.all(some.map(({ id }) => webhookOf(api, id)));
    for (const [at, hook] of hooks.entries()) {
      const flow = some[at];
      if (hook && flow) found.push({ flowId: flow.id, flow: flow.name, ...hook });
    }
  }
  output.result(found, () =>
    table(
      ['flow', 'flow id', 'requests', 'created'],
      found.map(({ flow, flowId, isSigned, createdAt }) => [
        flow,
        flowId,
        isSigned ? 'signed' : 'not signed',
        createdAt,
      ]),
    ),
  );
  return 0;
}

/** Gives a flow a webhook. One that it has is not replaced: whoever sends there would fail from then on. */
export async function createWebhook(
  api: Api,
  flow: string,
  options: { unsigned?: boolean },
  output: Output,
): Promise<number> {
  const { id } = await findFlow(api, flow);
  if (await webhookOf(api, id))
    throw new Error(
      `${flow} has a webhook; to give it another address and secret: npx causeway webhooks secret ${flow}`,
    );
  return make(api, id, options, output);
}

/** Gives a flow's webhook another secret and another address. */
export async function renewWebhook(
  api: Api,
  flow: string,
  options: { unsigned?: boolean },
  output: Output,
): Promise<number> {
  const { id } = await findFlow(api, flow);
  if (!(await webhookOf(api, id)))
    throw new Error(`${flow} has no webhook; to make one: npx causeway webhooks create ${flow}`);
  return make(api, id, options, output);
}

export async function deleteWebhook(api: Api, flow: string, output: Output): Promise<number> {
  const { id } = await findFlow(api, flow);
  await api.json('DELETE', addressOf(id));
  output.result({ deleted: id }, () => `${flow} has no webhook any more`);
  return 0;
}

async function make(
  api: Api,
  flowId: string,
  { unsigned = false }: { unsigned?: boolean },
  output: Output,
): Promise<number> {
  const made = await api.json<Made>('PUT', addressOf(flowId), { signed: !unsigned });
  const url = api.url + made.path;
  output.result({ ...made, flowId, url }, () =>
    made.secret === undefined ? `url     ${url}` : `url     ${url}\nsecret  ${made.secret}`,
  );
  output.progress(
    made.secret === undefined
      ? 'the address is shown only this once: keep it, and keep it secret'
      : 'address and secret are shown only this once; senders sign with the secret, as standardwebhooks.com describes',
  );
  return 0;
}

async function webhookOf(api: Api, flowId: string): Promise<FlowWebhook | null> {
  return (await api.json<{ webhook: FlowWebhook | null }>('GET', addressOf(flowId))).webhook;
}

function addressOf(flowId: string): string {
  return `/api/platform/v1/flows/${flowId}/webhook`;
}
