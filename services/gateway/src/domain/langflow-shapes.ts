import type {
  ApiKey,
  ChatMessage,
  Flow,
  FlowRead,
  FlowSettings,
  FlowWrite,
  Project,
  StoredFile,
  Variable,
} from '@causeway/contracts';
import type { ApiKeyRead, FileRead, FolderRead, MessageRead, VariableRead } from '@causeway/contracts';
import type { z } from 'zod';

/** A flow in Langflow's shape. `data` is given where the answer contains the graph. */
export function flowRead(flow: Flow, data: z.infer<typeof FlowRead>['data'] = null): FlowRead {
  return {
    id: flow.id,
    name: flow.name,
    description: flow.description,
    icon: flow.icon,
    icon_bg_color: flow.iconBgColor,
    gradient: flow.gradient,
    data,
    is_component: flow.isComponent,
    updated_at: flow.updatedAt,
    webhook: flow.webhook,
    endpoint_name: flow.endpointName,
    tags: flow.tags,
    locked: flow.locked,
    mcp_enabled: flow.mcpEnabled,
    action_name: flow.actionName,
    action_description: flow.actionDescription,
    access_type: flow.accessType,
    user_id: flow.userId,
    folder_id: flow.projectId,
    workspace_id: null,
    problems: flow.problems,
  };
}

/** The settings that a caller wrote; those that were left out stay as they are. */
export function flowSettings(write: Partial<FlowWrite>): Partial<FlowSettings> {
  const settings = {
    name: write.name,
    description: write.description,
    icon: write.icon,
    iconBgColor: write.icon_bg_color,
    gradient: write.gradient,
    endpointName: write.endpoint_name === '' ? null : write.endpoint_name,
    isComponent: write.is_component ?? undefined,
    webhook: write.webhook ?? undefined,
    tags: write.tags,
    locked: write.locked ?? undefined,
    mcpEnabled: write.mcp_enabled ?? undefined,
    actionName: write.action_name,
    actionDescription: write.action_description,
    accessType: write.access_type ?? undefined,
    projectId: write.folder_id ?? undefined,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

export function folderRead(project: Project): z.infer<typeof FolderRead> {
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    parent_id: project.parentId,
    auth_settings: null,
  };
}

export function variableRead(variable: Variable): z.infer<typeof VariableRead> {
  return {
    id: variable.id,
    name: variable.name,
    type: variable.type,
    value: variable.value,
    default_fields: variable.defaultFields,
    allowed_hosts: variable.allowedHosts,
    created_at: variable.createdAt,
    updated_at: variable.updatedAt,
    is_valid: null,
    validation_error: null,
  };
}

/** A key with its secret masked; `secret` is given only when the key is created. */
export function apiKeyRead(key: ApiKey, secret?: string): z.infer<typeof ApiKeyRead> {
  return {
    id: key.id,
    name: key.name,
    api_key: secret ?? key.masked,
    user_id: key.userId,
    created_at: key.createdAt,
    last_used_at: key.lastUsedAt,
    total_uses: key.totalUses,
    is_active: key.isActive,
    expires_at: key.expiresAt,
    permissions: key.permissions,
    ...(key.origins && { origins: key.origins }),
  };
}

export function fileRead(file: StoredFile): z.infer<typeof FileRead> {
  return {
    id: file.id,
    user_id: file.userId,
    name: file.name,
    path: file.path,
    size: file.bytes,
    provider: null,
    created_at: file.createdAt,
    updated_at: file.updatedAt,
  };
}

export function messageRead(message: ChatMessage): z.infer<typeof MessageRead> {
  return {
    id: message.id,
    flow_id: message.flowId,
    timestamp: message.at,
    sender: message.sender,
    sender_name: message.senderName,
    session_id: message.sessionId,
    context_id: message.contextId,
    text: message.text,
    files: message.files,
    edit: message.edit,
    error: message.error,
    duration: null,
    properties: message.properties,
    category: message.category,
    content_blocks: message.contentBlocks,
    session_metadata: null,
  };
}
