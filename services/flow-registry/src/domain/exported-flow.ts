import type { FlowSettings } from '@causeway/contracts';

/** A flow that is exported. */
export interface ExportableFlow extends Omit<FlowSettings, 'projectId'> {
  readonly id: string;
  readonly lastTestedVersion: string | null;
}

/**
 * The file of a flow, as in Langflow's own export.
 *
 * @param data  JSON text of the graph
 */
export function exportedFlow(flow: ExportableFlow, data: string): string {
  const file = {
    id: flow.id,
    name: flow.name,
    description: flow.description,
    data: JSON.parse(data) as unknown,
    endpoint_name: flow.endpointName,
    is_component: flow.isComponent,
    last_tested_version: flow.lastTestedVersion,
    tags: flow.tags,
    locked: flow.locked,
    icon: flow.icon,
    icon_bg_color: flow.iconBgColor,
    webhook: flow.webhook,
    mcp_enabled: flow.mcpEnabled,
    action_name: flow.actionName,
    action_description: flow.actionDescription,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}
