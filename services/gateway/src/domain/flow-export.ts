import type { FlowRead } from '@causeway/contracts';

/** Keys that describe a flow's place and state in this installation, not the flow itself: left out of an export. */
const volatile = new Set([
  'updated_at',
  'user_id',
  'folder_id',
  'access_type',
  'gradient',
  'workspace_id',
  'problems',
]);

/** A flow as in Langflow's download, without its graph. */
export function exportedSettings({ data: _data, ...flow }: FlowRead): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flow).filter(([key]) => !volatile.has(key)));
}
