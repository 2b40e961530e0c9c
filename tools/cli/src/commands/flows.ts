import type { Api } from '../api.js';
import { table } from '../output.js';
import type { Output } from '../output.js';
import { describeNone } from './access/find-named.js';
import { sharedFlows } from './access/shared-flows.js';
import { findFlow, listFlows } from './find-flow.js';

/** Lists flows, with the reason for those that cannot run. */
export async function flows(api: Api, output: Output): Promise<number> {
  const rows = await listFlows(api);
  const shared = await sharedFlows(api);
  const isNone = rows.length + shared.length === 0;
  const none = isNone ? await describeNone(api, 'flows') : undefined;
  const all = [...rows, ...shared.map(({ team, ...flow }) => ({ ...flow, shared_by: team }))];
  const own = rows.map(({ name, id, endpoint_name: endpoint, problems = [] }) => {
    const blocking = problems.filter(({ severity }) => severity === 'blocking');
    const codes = [...new Set(blocking.map(({ code }) => code))];
    return [name, id, endpoint ?? '', codes.length === 0 ? 'yes' : `no: ${codes.join(', ')}`];
  });
  const others = shared.map(({ name, id, team, permissions }) => [
    name,
    id,
    '',
    permissions.includes('flow:run') ? 'yes' : 'no: not with this role',
    `team ${team.name}`,
  ]);
  const head = ['name', 'id', 'endpoint', 'runs', ...(shared.length > 0 ? ['shared by'] : [])];
  const lines = shared.length > 0 ? [...own.map((row) => [...row, '']), ...others] : own;
  output.result(all, () => none ?? table(head, lines));
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
