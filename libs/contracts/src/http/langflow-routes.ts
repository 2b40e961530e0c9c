import { z } from 'zod';
import { AllowedHosts } from '../flow-registry.js';
import { JsonObject, JsonValue, shortList } from '../values/json.js';
import { NOT_ONE_LINE, isOneLine } from '../values/one-line.js';
import { Id } from './id.js';
import { absentNulls } from './nulls.js';
import { route } from './route.js';
import {
  ApiKeyRead,
  FileRead,
  FlowRead,
  FlowWrite,
  FolderRead,
  MessageRead,
  QueryFlag,
  RunAccepted,
  RunRead,
  RunRequest,
  VariableRead,
  queryInteger,
} from './shapes.js';
import { Time } from './time.js';

/** The routes of Langflow that are served, in Langflow's shapes. */

const FlowId = z.object({ flowId: Id });
const FlowName = z.object({ flow: z.string().min(1).max(500) });
const ids = shortList(Id, 500);
const detail = z.object({ detail: z.string() });
const message = z.object({ message: z.string() });
const FlowPage = z.object({
  items: z.array(FlowRead),
  total: z.number(),
  page: z.number(),
  size: z.number(),
  pages: z.number(),
});

const runHeaders = {
  'Idempotency-Key':
    'The same key with the same request gives the run that there is already. 1 to 255 characters, kept for 7 days.',
  'X-Langflow-Global-Var-{NAME}':
    'The value of the variable NAME for this run. Text beyond ASCII is percent-encoded or written as RFC 8187 says.',
};

export const runFlow = route('POST', '/api/v1/run/{flow}', {
  summary:
    'Runs a flow by id, endpoint name or name, and answers with its outputs. With stream=true the answer is a stream of bare JSON events. With `Prefer: respond-async`, or wait=N and more than N seconds, it is a 202.',
  permission: 'flow:run',
  perObject: true,
  params: FlowName,
  query: z.object({ stream: QueryFlag, wait: z.coerce.number().min(0).max(3600).optional() }),
  body: RunRequest,
  bodyKind: 'json-or-multipart',
  headers: {
    Prefer:
      '`respond-async`: answer 202 at once. `wait=N`: answer 202 when the run takes longer than N seconds.',
    ...runHeaders,
  },
  reply: z.union([RunRead, RunAccepted]),
  replies: { 200: RunRead, 202: RunAccepted },
});

export const runWebhook = route('POST', '/api/v1/webhook/{flow}', {
  summary: 'Starts a run whose Webhook nodes receive the body; answers at once.',
  permission: 'flow:run',
  perObject: true,
  params: FlowName,
  headers: runHeaders,
  bodyKind: 'raw',
  status: 202,
  reply: z.object({ message: z.string(), status: z.string(), run_id: z.uuid() }),
});

export const listFlowsRoute = route('GET', '/api/v1/flows', {
  summary: 'Flows of the team: all as an array, or a page.',
  permission: 'flow:read',
  perObject: true,
  query: z.object({
    get_all: z
      .string()
      .optional()
      .transform((text) => text === undefined || !['false', '0', 'no', 'off'].includes(text.toLowerCase())),
    components_only: QueryFlag,
    remove_example_flows: QueryFlag,
    header_flows: QueryFlag,
    folder_id: Id.optional(),
    page: queryInteger({ min: 1, max: 1_000_000, default: 1 }),
    size: queryInteger({ min: 1, max: 500, default: 50 }),
  }),
  reply: z.union([z.array(FlowRead), FlowPage]),
});
export const createFlowRoute = route('POST', '/api/v1/flows', {
  summary: 'Creates a flow.',
  permission: 'flow:write',
  perObject: true,
  body: FlowWrite,
  bodyHolds: 'flow',
  status: 201,
  reply: FlowRead,
});
export const getFlowRoute = route('GET', '/api/v1/flows/{flowId}', {
  summary: 'One flow with its graph.',
  permission: 'flow:read',
  perObject: true,
  params: FlowId,
  reply: FlowRead,
});
export const patchFlowRoute = route('PATCH', '/api/v1/flows/{flowId}', {
  summary: 'Changes parts of a flow.',
  permission: 'flow:write',
  perObject: true,
  params: FlowId,
  body: FlowWrite.partial(),
  bodyHolds: 'flow',
  reply: FlowRead,
});
export const putFlowRoute = route('PUT', '/api/v1/flows/{flowId}', {
  summary: 'Creates or replaces the flow with this id.',
  permission: 'flow:write',
  perObject: true,
  params: FlowId,
  body: FlowWrite,
  bodyHolds: 'flow',
  reply: FlowRead,
});
export const deleteFlowRoute = route('DELETE', '/api/v1/flows/{flowId}', {
  summary: 'Deletes a flow.',
  permission: 'flow:write',
  perObject: true,
  params: FlowId,
  reply: message,
});
export const deleteFlowsRoute = route('DELETE', '/api/v1/flows', {
  summary: 'Deletes flows.',
  permission: 'flow:write',
  perObject: true,
  body: ids,
  reply: z.object({ deleted: z.number() }),
});
export const batchFlowsRoute = route('POST', '/api/v1/flows/batch', {
  summary: 'Creates several flows: all of them, or none when one is refused.',
  permission: 'flow:write',
  perObject: true,
  body: z.object({ flows: shortList(absentNulls(FlowWrite), 500) }),
  bodyHolds: 'flows',
  status: 201,
  reply: z.array(FlowRead),
});
export const uploadFlowsRoute = route('POST', '/api/v1/flows/upload', {
  summary:
    'Imports a file: one flow, several, or a ZIP of them. A known id makes a new version of that flow. A file whose folder is a project that does not exist also needs project:write.',
  permission: 'flow:write',
  perObject: true,
  query: z.object({ folder_id: Id.optional() }),
  bodyKind: 'multipart',
  status: 201,
  reply: z.array(FlowRead),
});
export const downloadFlowsRoute = route('POST', '/api/v1/flows/download', {
  summary: 'Exports flows: one as JSON, several as a ZIP.',
  permission: 'flow:read',
  perObject: true,
  body: ids,
  produces: 'application/json, application/zip',
});

const ProjectId = z.object({ projectId: Id });
const projectWrite = z.object({
  name: z.string().min(1).max(500),
  description: z.string().max(10_000).optional(),
  flows_list: ids.optional(),
  components_list: ids.optional(),
});
/** The lists of flows in a project's body that are given. */
function flowLists(body: {
  [key in 'flows' | 'components' | 'flows_list' | 'components_list']?: string[] | null | undefined;
}): string[][] {
  return [body.flows, body.components, body.flows_list, body.components_list].filter((list) => list != null);
}
export const listProjectsRoute = route('GET', '/api/v1/projects', {
  summary: 'Projects of the team.',
  permission: 'project:read',
  perObject: true,
  reply: z.array(FolderRead),
});
export const createProjectRoute = route('POST', '/api/v1/projects', {
  summary: 'Creates a project.',
  permission: 'project:write',
  also: {
    permission: 'flow:write',
    when: 'the lists name flows, which move into the project',
    isNeeded: (body) => flowLists(body).flat().length > 0,
  },
  body: projectWrite,
  status: 201,
  reply: FolderRead,
});
export const getProjectRoute = route('GET', '/api/v1/projects/{projectId}', {
  summary: 'One project with all of its flows, or with the requested page of them.',
  permission: ['project:read', 'flow:read'],
  perObject: true,
  params: ProjectId,
  query: z.object({
    page: z.coerce.number().int().min(1).max(1_000_000).optional(),
    size: queryInteger({ min: 1, max: 500, default: 50 }),
    is_component: QueryFlag,
    is_flow: QueryFlag,
    search: z.string().max(500).optional(),
  }),
  reply: z.union([
    FolderRead.extend({ flows: z.array(FlowRead) }),
    z.object({ folder: FolderRead, flows: FlowPage }),
  ]),
});
export const patchProjectRoute = route('PATCH', '/api/v1/projects/{projectId}', {
  summary: 'Changes a project.',
  permission: 'project:write',
  perObject: true,
  also: {
    permission: 'flow:write',
    when: 'a list of flows is given: the project holds these and no others',
    isNeeded: (body) => flowLists(body).length > 0,
  },
  params: ProjectId,
  body: projectWrite.extend({ flows: ids.optional(), components: ids.optional() }).partial(),
  reply: FolderRead,
});
export const deleteProjectRoute = route('DELETE', '/api/v1/projects/{projectId}', {
  summary: 'Deletes a project and its flows.',
  permission: ['project:write', 'flow:write'],
  perObject: true,
  params: ProjectId,
  status: 204,
});
export const downloadProjectRoute = route('GET', '/api/v1/projects/download/{projectId}', {
  summary: 'Exports a project as a ZIP.',
  permission: ['project:read', 'flow:read'],
  perObject: true,
  params: ProjectId,
  produces: 'application/zip',
});
export const uploadProjectRoute = route('POST', '/api/v1/projects/upload', {
  summary: 'Imports a project file.',
  permission: ['project:write', 'flow:write'],
  bodyKind: 'multipart',
  status: 201,
  reply: z.array(FlowRead),
});

const VariableId = z.object({ variableId: Id });
/** A team's variables are sent together. */
const MOST_VARIABLE_CHARACTERS = 65_536;
const variableWrite = z.object({
  name: z.string().min(1).max(200),
  value: z.string().max(MOST_VARIABLE_CHARACTERS, {
    error: ({ input }) =>
      `it has ${String(input).length} characters; the limit of a variable's value is ${MOST_VARIABLE_CHARACTERS}`,
  }),
  type: z.enum(['Generic', 'Credential']).default('Generic'),
  default_fields: shortList(z.string(), 500).optional(),
  /**
   * Hosts that the value may be sent to beside those that a flow names; see `PUT
   * /api/platform/v1/flows/{flowId}/allowed-hosts`.
   */
  allowed_hosts: AllowedHosts.optional(),
});
export const listVariablesRoute = route('GET', '/api/v1/variables', {
  summary: 'Variables of the team; values of credentials are never shown.',
  permission: 'variable:read',
  reply: z.array(VariableRead),
});
export const createVariableRoute = route('POST', '/api/v1/variables', {
  summary: 'Creates a variable.',
  permission: 'variable:write',
  body: variableWrite,
  status: 201,
  reply: VariableRead,
});
export const patchVariableRoute = route('PATCH', '/api/v1/variables/{variableId}', {
  summary: 'Changes a variable.',
  permission: 'variable:write',
  params: VariableId,
  body: variableWrite.extend({ id: Id.optional(), type: z.enum(['Generic', 'Credential']) }).partial(),
  reply: VariableRead,
});
export const deleteVariableRoute = route('DELETE', '/api/v1/variables/{variableId}', {
  summary: 'Deletes a variable.',
  permission: 'variable:write',
  params: VariableId,
  status: 204,
});

export const listKeysRoute = route('GET', '/api/v1/api_key', {
  summary: 'API keys of the caller, masked.',
  permission: 'key:read',
  reply: z.object({ total_count: z.number(), user_id: z.string(), api_keys: z.array(ApiKeyRead) }),
});
export const createKeyRoute = route('POST', '/api/v1/api_key', {
  summary:
    'Creates an API key; its secret is only in this answer. `permissions` limits what it may do. It expires no later than the key that it is made with.',
  permission: 'key:write',
  body: z.object({
    name: z.string().min(1).max(200).refine(isOneLine, { error: NOT_ONE_LINE }).optional(),
    permissions: shortList(z.string(), 500).optional(),
    expires_at: Time.optional(),
  }),
  reply: ApiKeyRead,
});
export const deleteKeyRoute = route('DELETE', '/api/v1/api_key/{keyId}', {
  summary:
    'Revokes an API key, and the keys that were made with it. A key may revoke itself and the keys made with it; other keys of its holder need key:write, those of others member:write in their team. `revoked` says how many keys were revoked.',
  permission: { inPlace: 'any' },
  params: z.object({ keyId: Id }),
  reply: detail.extend({ revoked: z.number().int() }),
});

const FlowFile = z.object({ flowId: Id, fileName: z.string().min(1).max(500) });
export const uploadFlowFileRoute = route('POST', '/api/v1/files/upload/{flowId}', {
  summary: 'Uploads a file for a flow.',
  permission: 'file:write',
  perObject: true,
  params: FlowId,
  bodyKind: 'multipart',
  status: 201,
  reply: z.object({ flowId: z.uuid(), file_path: z.string() }),
});
export const listFlowFilesRoute = route('GET', '/api/v1/files/list/{flowId}', {
  summary: 'Names of a flow’s files.',
  permission: 'file:read',
  perObject: true,
  params: FlowId,
  reply: z.object({ files: z.array(z.string()) }),
});
export const downloadFlowFileRoute = route('GET', '/api/v1/files/download/{flowId}/{fileName}', {
  summary: 'The bytes of a flow’s file.',
  permission: 'file:read',
  perObject: true,
  params: FlowFile,
  produces: 'application/octet-stream',
});
export const flowImageRoute = route('GET', '/api/v1/files/images/{flowId}/{fileName}', {
  summary: 'A flow’s file that is an image, to be shown.',
  permission: 'file:read',
  perObject: true,
  params: FlowFile,
  produces: 'image/*',
});
export const deleteFlowFileRoute = route('DELETE', '/api/v1/files/delete/{flowId}/{fileName}', {
  summary: 'Deletes a flow’s file.',
  permission: 'file:write',
  perObject: true,
  params: FlowFile,
  reply: message,
});

const FileId = z.object({ fileId: Id });
export const uploadFileRoute = route('POST', '/api/v2/files', {
  summary: 'Uploads a file.',
  permission: 'file:write',
  bodyKind: 'multipart',
  status: 201,
  reply: FileRead.pick({ id: true, name: true, path: true, size: true, provider: true }),
});
export const listFilesRoute = route('GET', '/api/v2/files', {
  summary: 'The caller’s files.',
  permission: 'file:read',
  reply: z.array(FileRead),
});
export const downloadFileRoute = route('GET', '/api/v2/files/{fileId}', {
  summary: 'The bytes of a file.',
  permission: 'file:read',
  params: FileId,
  produces: 'application/octet-stream',
});
export const renameFileRoute = route('PUT', '/api/v2/files/{fileId}', {
  summary: 'Renames a file.',
  permission: 'file:write',
  params: FileId,
  query: z.object({ name: z.string().min(1).max(400) }),
  reply: FileRead.pick({ id: true, name: true, path: true, size: true, provider: true }),
});
export const deleteFileRoute = route('DELETE', '/api/v2/files/{fileId}', {
  summary: 'Deletes a file.',
  permission: 'file:write',
  params: FileId,
  reply: detail,
});
export const deleteAllFilesRoute = route('DELETE', '/api/v2/files', {
  summary: 'Deletes all files of the caller.',
  permission: 'file:write',
  reply: message,
});
export const downloadFilesRoute = route('POST', '/api/v2/files/batch', {
  summary: 'Several files as a ZIP.',
  permission: 'file:read',
  body: ids,
  produces: 'application/zip',
});
export const deleteFilesRoute = route('DELETE', '/api/v2/files/batch', {
  summary: 'Deletes several files.',
  permission: 'file:write',
  body: ids,
  reply: message,
});

/** A part of a list that is ordered by time, newest first. Without a limit, or with 0, the largest part is returned. */
const window = {
  limit: z.coerce.number().int().min(0).default(0),
  offset: queryInteger({ min: 0, max: 1_000_000, default: 0 }),
};
export const listMessagesRoute = route('GET', '/api/v1/monitor/messages', {
  summary:
    'Chat messages: of the newest, `limit` (at most 10,000) after `offset` of them, shown ascending or descending by a column.',
  permission: 'message:read',
  perObject: true,
  query: z.object({
    flow_id: Id.optional(),
    session_id: z.string().optional(),
    sender: z.string().optional(),
    sender_name: z.string().optional(),
    order_by: z
      .enum([
        'timestamp',
        'id',
        'flow_id',
        'session_id',
        'context_id',
        'sender',
        'sender_name',
        'text',
        'category',
      ])
      .default('timestamp'),
    order: z
      .string()
      .overwrite((word) => word.toUpperCase())
      .pipe(z.enum(['ASC', 'DESC']))
      .default('ASC'),
    ...window,
  }),
  reply: z.array(MessageRead),
});
export const putMessageRoute = route('PUT', '/api/v1/monitor/messages/{messageId}', {
  summary: 'Changes a message.',
  permission: 'message:write',
  perObject: true,
  params: z.object({ messageId: Id }),
  body: z.object({
    text: z.string().optional(),
    sender: z.string().optional(),
    sender_name: z.string().optional(),
    properties: JsonObject.optional(),
  }),
  reply: MessageRead,
});
export const deleteMessagesRoute = route('DELETE', '/api/v1/monitor/messages', {
  summary: 'Deletes messages.',
  permission: 'message:write',
  perObject: true,
  body: ids,
  status: 204,
});
export const listSessionsRoute = route('GET', '/api/v1/monitor/messages/sessions', {
  summary:
    'Session ids, those with the newest message first: `limit` (at most 10,000) after `offset` of them.',
  permission: 'message:read',
  perObject: true,
  query: z.object({ flow_id: Id.optional(), ...window }),
  reply: z.array(z.string()),
});
export const renameSessionRoute = route('PATCH', '/api/v1/monitor/messages/session/{sessionId}', {
  summary: 'Renames a session.',
  permission: 'message:write',
  perObject: true,
  params: z.object({ sessionId: z.string() }),
  query: z.object({ new_session_id: z.string().min(1).max(500) }),
  reply: z.array(MessageRead),
});
export const deleteSessionRoute = route('DELETE', '/api/v1/monitor/messages/session/{sessionId}', {
  summary: 'Deletes a session’s messages.',
  permission: 'message:write',
  perObject: true,
  params: z.object({ sessionId: z.string() }),
  status: 204,
});
export const deleteSessionsRoute = route('DELETE', '/api/v1/monitor/messages/sessions', {
  summary: 'Deletes the messages of several sessions; answers how many of them had any.',
  permission: 'message:write',
  perObject: true,
  body: shortList(z.string().max(500), 500),
  reply: message.extend({ deleted_count: z.number() }),
});

export const validatePromptRoute = route('POST', '/api/v1/validate/prompt', {
  summary: 'The variables of a prompt template.',
  permission: 'flow:read',
  perObject: true,
  body: z.object({
    name: z.string().optional(),
    template: z.string(),
    mustache: z.boolean().optional(),
    frontend_node: JsonObject.optional(),
  }),
  bodyHolds: 'prompt',
  reply: z.object({ input_variables: z.array(z.string()), frontend_node: JsonValue.nullable() }),
});
export const allComponentsRoute = route('GET', '/api/v1/all', {
  summary: 'The catalogue of components.',
  permission: 'flow:read',
  perObject: true,
  reply: JsonObject,
});
export const versionRoute = route('GET', '/api/v1/version', {
  summary: 'The version.',
  permission: 'public',
  reply: z.object({ version: z.string(), main_version: z.string(), package: z.string() }),
});
export const configRoute = route('GET', '/api/v1/config', {
  summary: 'What a client needs to know about this server.',
  permission: 'public',
  reply: JsonObject,
});
export const healthRoute = route('GET', '/health', {
  summary: 'The process answers.',
  permission: 'public',
  reply: z.object({ status: z.string() }),
});
export const healthCheckRoute = route('GET', '/health_check', {
  summary: 'An executor answers, over the bus and with its database.',
  permission: 'public',
  reply: z.object({ status: z.string(), chat: z.string(), db: z.string() }),
});
export const logsRoute = route('GET', '/logs', {
  summary: 'Recent log lines; only where the setting logAccess is on, from loopback.',
  permission: 'public',
  query: z.object({
    timestamp: z.coerce.number().int().optional(),
    lines_before: z.coerce.number().int().min(0).max(10_000).optional(),
    lines_after: z.coerce.number().int().min(0).max(10_000).optional(),
  }),
  reply: z.record(z.string(), z.string()),
});
export const logsStreamRoute = route('GET', '/logs-stream', {
  summary: 'Log lines as they come; like /logs.',
  permission: 'public',
  produces: 'text/event-stream',
});
