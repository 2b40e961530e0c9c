import { type Api, ApiError } from '../api.js';
import { nearestName } from '../nearest-name.js';
import { sharedFlows } from './access/shared-flows.js';

/** A flow in a list. */
export interface FlowHeader {
  readonly id: string;
  readonly name: string;
  readonly endpoint_name: string | null;
  readonly updated_at: string;
  /** Absent in answers of Langflow. */
  readonly problems?: readonly { readonly code: string; readonly severity: 'blocking' | 'warning' }[];
}

/** Every flow of the team. */
export function listFlows(api: Api): Promise<FlowHeader[]> {
  return api.json<FlowHeader[]>('GET', '/api/v1/flows/?get_all=true&header_flows=true');
}

/** Every flow of the team; none for a key that may not read flows. */
export function findFlows(api: Api): Promise<FlowHeader[]> {
  return listFlows(api).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 403) return [];
    throw error;
  });
}

/** The flow of this id, endpoint name or name; else one of another team that the key may use. Throws when there is none, or several of this name. */
export async function findFlow(api: Api, wanted: string): Promise<Pick<FlowHeader, 'id' | 'name'>> {
  const flows = await listFlows(api);
  const exact = flows.find((flow) => flow.id === wanted || flow.endpoint_name === wanted);
  if (exact) return exact;
  const own = flows.filter((flow) => flow.name === wanted);
  const named =
    own.length > 0
      ? own
      : (await sharedFlows(api)).filter(({ id, name }) => id === wanted || name === wanted);
  if (named.length > 1)
    throw new Error(
      `${named.length} flows have the name ${wanted}; use an id: ${named.map((flow) => flow.id).join(', ')}`,
    );
  if (named[0]) return named[0];
  const names = flows.flatMap(({ name, endpoint_name: endpoint }) => [name, endpoint ?? []].flat());
  const near = nearestName(wanted, names);
  const remedy = near === undefined ? 'import it with: npx causeway import FILE' : `did you mean "${near}"?`;
  throw new Error(`there is no flow named ${wanted} in the team of the key; ${remedy}`);
}
