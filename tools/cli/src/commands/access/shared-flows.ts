import type { SharedFlow } from '@causeway/contracts';
import { type Api, ApiError } from '../../api.js';

/** The flows of other teams that the key may use; none from Langflow, which has no teams. */
export async function sharedFlows(api: Api): Promise<SharedFlow[]> {
  try {
    return (await api.json<{ items: SharedFlow[] }>('GET', '/api/platform/v1/shared-flows')).items;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return [];
    throw error;
  }
}
