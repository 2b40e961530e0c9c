import { z } from 'zod';
import { RunError, RunStep } from '../executor.js';
import { AllowedHosts, FlowVersion, VersionHash } from '../flow-registry.js';
import { JsonObject, JsonValue } from '../values/json.js';
import { RetentionPlan } from '../retention.js';
import { RunStatusSchema, RunSummary } from '../scheduler.js';
import { Id } from './id.js';
import { route } from './route.js';
import { pageQuery } from './shapes.js';
import { FlowWebhook } from '../webhooks.js';
import { Time } from './time.js';

/** Causeway's own routes, under /api/platform/v1. Errors are RFC 9457 problems. */

const RunId = z.object({ runId: Id });

export const listRunsRoute = route('GET', '/api/platform/v1/runs', {
  summary: 'Runs of the team, newest first; pass `next` back as `after`.',
  permission: 'run:read',
  perObject: true,
  query: z.object({
    ...pageQuery,
    flow_id: Id.optional(),
    status: RunStatusSchema.optional(),
    trigger: z.enum(['api', 'webhook', 'schedule', 'batch']).optional(),
    from: Time.optional(),
    to: Time.optional(),
  }),
  reply: z.object({ items: z.array(RunSummary), next: z.string().optional() }),
});

export const getRunRoute = route('GET', '/api/platform/v1/runs/{runId}', {
  summary: 'One run with its steps, its result when it has one, its error when it failed.',
  permission: 'run:read',
  perObject: true,
  params: RunId,
  reply: RunSummary.extend({
    epoch: z.number().int(),
    claimedAt: z.iso.datetime().nullable(),
    result: JsonValue.nullable(),
    error: RunError.nullable(),
    steps: z.array(RunStep.omit({ outputs: true }).extend({ outputs: JsonValue.nullable() })),
  }),
});

export const runEventsRoute = route('GET', '/api/platform/v1/runs/{runId}/events', {
  summary: 'The events of a run, as server-sent events. `Last-Event-ID` resumes after that event.',
  permission: 'run:read',
  perObject: true,
  params: RunId,
  headers: {
    'Last-Event-ID':
      'The id of the last event that was received, such as `12.0`: the stream goes on after it.',
  },
  produces: 'text/event-stream',
});

export const cancelRunRoute = route('POST', '/api/platform/v1/runs/{runId}/cancel', {
  summary: 'Cancels a run. Its final state may still be succeeded.',
  permission: 'run:cancel',
  perObject: true,
  params: RunId,
  status: 202,
  reply: z.object({ run_id: z.uuid(), status: RunStatusSchema, requested: z.boolean() }),
});

export const flowSourceRoute = route('GET', '/api/platform/v1/flows/{flowId}/source', {
  summary:
    'The imported bytes, unchanged, with the secrets that they contain; for a key without flow:write in the whole team, the flow alone.',
  permission: 'flow:write',
  perObject: true,
  params: z.object({ flowId: Id }),
  produces: 'application/json',
});

const FlowId = z.object({ flowId: Id });
const HostList = z.object({ hosts: AllowedHosts });

export const getAllowedHostsRoute = route('GET', '/api/platform/v1/flows/{flowId}/allowed-hosts', {
  summary: 'Hosts to which the flow’s secrets may be sent, beside those that the flow itself names.',
  permission: 'flow:read',
  perObject: true,
  params: FlowId,
  reply: HostList,
});

export const putAllowedHostsRoute = route('PUT', '/api/platform/v1/flows/{flowId}/allowed-hosts', {
  summary:
    'Sets that list: `api.example.com` (https), `host:port` (http and https at that port) or an origin. While a version is published, it needs flow:publish too. Exports do not contain it, and imports do not change it.',
  permission: 'flow:write',
  perObject: true,
  params: FlowId,
  body: HostList.strict(),
  reply: HostList,
});

export const getWebhookRoute = route('GET', '/api/platform/v1/flows/{flowId}/webhook', {
  summary: 'The flow’s own webhook: whether it has one, and whether its requests must be signed.',
  permission: 'flow:read',
  perObject: true,
  params: FlowId,
  reply: z.object({ webhook: FlowWebhook.nullable() }),
});

export const putWebhookRoute = route('PUT', '/api/platform/v1/flows/{flowId}/webhook', {
  summary:
    'Gives the flow a webhook, in place of the one it may have: an address that runs it without a key. Address and secret are shown only in this answer.',
  permission: ['flow:write', 'flow:run'],
  perObject: true,
  params: FlowId,
  body: z.strictObject({ signed: z.boolean().default(true) }),
  status: 201,
  reply: FlowWebhook.extend({
    path: z.string(),
    /** For the signature; absent when requests are not signed. */
    secret: z.string().optional(),
  }),
});

export const deleteWebhookRoute = route('DELETE', '/api/platform/v1/flows/{flowId}/webhook', {
  summary: 'Ends the flow’s webhook: its address does not exist any more.',
  permission: 'flow:write',
  perObject: true,
  params: FlowId,
  status: 204,
});

export const callWebhookRoute = route('POST', '/api/platform/v1/hooks/{token}', {
  summary:
    'Starts a run of the flow whose webhook has this address; its Webhook nodes receive the body. Answers at once.',
  permission: 'public',
  params: z.object({ token: z.string().max(200) }),
  headers: {
    'webhook-id': 'Of a signed request: names the event. The same event again starts no second run.',
    'webhook-timestamp': 'Of a signed request: when it was signed, in seconds since 1970.',
    'webhook-signature':
      'Of a signed request: `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`.',
  },
  bodyKind: 'raw',
  status: 202,
  reply: z.object({ message: z.string(), status: z.string(), run_id: z.uuid() }),
});

export const listVersionsRoute = route('GET', '/api/platform/v1/flows/{flowId}/versions', {
  summary: 'The versions of a flow that are kept, newest first; pass `next` back as `after`.',
  permission: 'flow:read',
  perObject: true,
  params: FlowId,
  query: z.object(pageQuery),
  reply: z.object({ items: z.array(FlowVersion), next: z.string().optional() }),
});

export const publishVersionRoute = route('PUT', '/api/platform/v1/flows/{flowId}/published-version', {
  summary:
    'Sets the version that runs use from now on, whatever is saved later. `versionHash: null`: they use the newest one.',
  permission: 'flow:publish',
  perObject: true,
  params: FlowId,
  body: z.strictObject({ versionHash: VersionHash.nullable() }),
  reply: z.object({ versionHash: z.string().nullable() }),
});

export const retentionRoute = route('GET', '/api/platform/v1/retention', {
  summary:
    'How long each kind of data is kept, and how much of it is due for removal, of all teams. Removes nothing.',
  permission: 'log:read',
  reply: RetentionPlan,
});

export const openApiRoute = route('GET', '/openapi.json', {
  summary: 'This document: every route.',
  permission: 'public',
  reply: JsonObject,
});
