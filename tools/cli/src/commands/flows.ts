import type { Api } from '../api.js';
import { table } from '../output.js';
import type { Output } from '../output.js';
import { describeNone } from './access/find-named.js';
import { findFlow, listFlows } from './find-flow.js';

/** Lists flows, with the reason for those that cannot run. */
export async function flows(api: Api, output: Output): Promise<number> {
  const rows = await listFlows(api);
  const none = rows.length === 0 ? await describeNone(api, 'flows') : undefined;
  output.result(
    rows,
    () =>
      none ??
      table(
        ['name', 'id', 'endpoint', 'runs'],
        rows.map(({ name, id, endpoint_name: endpoint, problems = [] }) => {
          const blocking = problems.filter(({ severity }) => severity === 'blocking');
          const codes = [...new Set(blocking.map(({ code }) => code))];
          return [name, id, endpoint ?? '', codes.length === 0 ? 'yes' : `no: ${codes.join(', ')}`];
        }),
      ),
  );
  return 0;
}

/**
 * Sets the hosts to which a flow's secrets may be sent, in addition to those that the flow names; without any, shows them.
 *
 * @param clear  empties the list
 */
export async function allowHosts(
  api: Api,
  name: string,
  hosts: readonly string[],
  clear: boolean,
  output: Output,
): Promise<number> {
  const { id } = await findFlow(api, name);
  const path = `/api/platform/v1/flows/${id}/allowed-hosts`;
  const list =
    hosts.length === 0 && !clear
      ? await api.json<{ hosts: string[] }>('GET', path)
      : await api.json<{ hosts: string[] }>('PUT', path, { hosts });
  output.result({ id, hosts: list.hosts }, () =>
    list.hosts.length === 0 ? `${name} has no hosts in its list` : list.hosts.join('\n'),
  );
  return 0;
}
