import type { FlowRead } from '@causeway/contracts';

/** Keys that say where a flow lives and how it fares there, not what it is: left out of an export. */
const volatile = new Set([
  'updated_at',
  'user_id',
  'folder_id',
  'access_type',
  'gradient',
  'workspace_id',
  'problems',
]);

/** A flow as Langflow's download gives it, but for its graph. */
export function exportedSettings({ data: _data, ...flow }: FlowRead): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flow).filter(([key]) => !volatile.has(key)));
}
