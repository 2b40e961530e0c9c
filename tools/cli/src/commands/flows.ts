import type { Api } from '../api.js';
import { table } from '../output.js';
import type { Output } from '../output.js';
import { listFlows } from './find-flow.js';

/** Lists flows, and of those that cannot run why not. */
export async function flows(api: Api, output: Output): Promise<number> {
  const rows = await listFlows(api);
  output.result(rows, () =>
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
