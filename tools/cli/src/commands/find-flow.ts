import type { Api } from '../api.js';

/** A flow as lists show it. */
export interface FlowHeader {
  readonly id: string;
  readonly name: string;
  readonly endpoint_name: string | null;
}

/** The flow of this id, endpoint name or name. Throws when there is none, or several of this name. */
export async function findFlow(api: Api, wanted: string): Promise<FlowHeader> {
  const flows = await api.json<FlowHeader[]>('GET', '/api/v1/flows/?get_all=true&header_flows=true');
  const exact = flows.find((flow) => flow.id === wanted || flow.endpoint_name === wanted);
  if (exact) return exact;
  const named = flows.filter((flow) => flow.name === wanted);
  if (named.length > 1)
    throw new Error(
      `${named.length} flows are named ${wanted}; use an id: ${named.map((flow) => flow.id).join(', ')}`,
    );
  if (!named[0]) throw new Error(`there is no flow ${wanted}; import it with: npx causeway import FILE`);
  return named[0];
}
