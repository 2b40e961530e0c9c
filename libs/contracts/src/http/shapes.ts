import { isPlainObject } from '@causeway/dag';
import { z } from 'zod';
import { FlowProblem } from '../flow-registry.js';
import { JsonObject, JsonObjectText, JsonValue, shortList } from '../values/json.js';
import { Id } from './id.js';
import { absentNulls } from './nulls.js';

/**
 * Langflow's JSON shapes, in Langflow's spelling, as its clients expect them.
 * Source: Langflow 1.10 REST API.
 */

/** Query values arrive as text: `true`, `1`, `yes`, `on` and their opposites, in any case. */
export const QueryFlag = z
  .string()
  .optional()
  .transform((text, context) => {
    const word = text?.toLowerCase();
    if (word === undefined || ['false', '0', 'no', 'off', ''].includes(word)) return false;
    if (['true', '1', 'yes', 'on'].includes(word)) return true;
    context.addIssue({ code: 'custom', message: `expected true or false, got ${text}` });
    return z.NEVER;
  });

/** A whole number in a query, with bounds. */
export function queryInteger(bounds: { min: number; max: number; default: number }) {
  return z.coerce.number().int().min(bounds.min).max(bounds.max).default(bounds.default);
}

export const FlowRead = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  icon: z.string().nullable(),
  icon_bg_color: z.string().nullable(),
  gradient: z.string().nullable(),
  data: JsonValue.nullable(),
  is_component: z.boolean(),
  updated_at: z.string(),
  webhook: z.boolean(),
  endpoint_name: z.string().nullable(),
  tags: z.array(z.string()).nullable(),
  locked: z.boolean(),
  mcp_enabled: z.boolean(),
  action_name: z.string().nullable(),
  action_description: z.string().nullable(),
  access_type: z.enum(['PRIVATE', 'PUBLIC']),
  user_id: z.string(),
  folder_id: z.uuid(),
  workspace_id: z.string().nullable(),
  /** Problems that keep it, or a part of it, from running; an addition to Langflow's own members. */
  problems: z.array(FlowProblem),
});
export type FlowRead = z.infer<typeof FlowRead>;

/**
 * What a caller may send to make a flow; unknown keys are ignored, as in Langflow. A null or empty endpoint name
 * removes it.
 */
export const FlowWrite = z.object({
  name: z.string().min(1).max(500),
  description: z.string().max(10_000).optional(),
  data: JsonObjectText.optional(),
  icon: z.string().max(500).optional(),
  icon_bg_color: z.string().max(100).optional(),
  gradient: z.string().max(100).optional(),
  is_component: z.boolean().optional(),
  webhook: z.boolean().optional(),
  endpoint_name: z
    .string()
    .max(200)
    .regex(/^[a-zA-Z0-9_-]*$/, 'only letters, digits, hyphens and underscores')
    .nullish(),
  tags: shortList(z.string(), 500).optional(),
  locked: z.boolean().optional(),
  mcp_enabled: z.boolean().optional(),
  action_name: z.string().max(500).optional(),
  action_description: z.string().max(10_000).optional(),
  access_type: z.enum(['PRIVATE', 'PUBLIC']).optional(),
  folder_id: Id.optional(),
});
export type FlowWrite = z.infer<typeof FlowWrite>;

export const FolderRead = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  parent_id: z.uuid().nullable(),
  auth_settings: JsonValue.nullable(),
});
export type FolderRead = z.infer<typeof FolderRead>;

export const VariableRead = z.object({
  id: z.uuid(),
  name: z.string(),
  type: z.enum(['Generic', 'Credential']),
  value: z.string().nullable(),
  default_fields: z.array(z.string()),
  allowed_hosts: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
  is_valid: z.boolean().nullable(),
  validation_error: z.string().nullable(),
});

/** The query of a list that is read page by page: pass the answer's `next` back as `after`. */
export const pageQuery = {
  limit: queryInteger({ min: 1, max: 500, default: 50 }),
  after: z.string().max(500).optional(),
};

export const ApiKeyRead = z.object({
  id: z.uuid(),
  name: z.string(),
  api_key: z.string(),
  user_id: z.string(),
  created_at: z.string(),
  last_used_at: z.string().nullable(),
  total_uses: z.number().int(),
  is_active: z.boolean(),
  expires_at: z.string().nullable(),
  permissions: z.array(z.string()),
  /** Pages that may use it; absent: it is for programs. */
  origins: z.array(z.string()).optional(),
});

export const FileRead = z.object({
  id: z.uuid(),
  user_id: z.string(),
  name: z.string(),
  path: z.string(),
  size: z.number().int(),
  provider: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});

export const MessageRead = z.object({
  id: z.uuid(),
  flow_id: z.uuid(),
  timestamp: z.string(),
  sender: z.string(),
  sender_name: z.string(),
  session_id: z.string(),
  context_id: z.string(),
  text: z.string(),
  files: z.array(z.string()),
  edit: z.boolean(),
  error: z.boolean(),
  duration: z.number().nullable(),
  properties: JsonValue,
  category: z.string(),
  content_blocks: JsonValue,
  session_metadata: JsonValue.nullable(),
});

const runBody = z.looseObject({
  input_value: z.string().optional(),
  input_type: z.enum(['chat', 'text', 'any']).default('chat'),
  output_type: z.enum(['chat', 'text', 'any', 'debug']).default('chat'),
  output_component: z.string().optional(),
  tweaks: JsonObject.optional(),
  session_id: z.string().max(500).optional(),
});

/**
 * Body of a run. A body that cannot be parsed is refused; an empty one is an empty run, as in Langflow. Members that no
 * run has are kept, so that the answer can name them.
 */
export const RunBody = absentNulls(runBody);

/** The names of all members that the body of a run can have. */
export const runMembers: ReadonlySet<string> = new Set(Object.keys(runBody.shape));

/** A run's body as it is received: alone, or as the `input_request` beside a `context`, which Langflow also accepts. */
export const RunRequest = z.preprocess(
  (body) => (isPlainObject(body) && isPlainObject(body['input_request']) ? body['input_request'] : body),
  RunBody,
);

/** The answer of a run: one entry per input, one result per selected output node. */
export const RunRead = z.object({
  session_id: z.string(),
  outputs: z.array(z.object({ inputs: JsonObject, outputs: z.array(JsonValue) })),
  /** Sentences that name what the request gave and the run could not use; absent when there are none. */
  warnings: z.array(z.string()).optional(),
});

/** `202` of a run that continues without its caller. */
export const RunAccepted = z.object({
  run_id: z.uuid(),
  status: z.string(),
  links: z.object({ self: z.string(), events: z.string(), cancel: z.string() }),
});
