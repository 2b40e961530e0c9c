import { z } from 'zod';
import { AuditEvent, AuditStream } from '../audit.js';
import { Id, hyphenated } from './id.js';
import { route } from './route.js';
import { pageQuery } from './shapes.js';
import { Time } from './time.js';

/** The audit log, under /api/platform/v1/audit. */

const Searched = z.string().min(1).max(500);
const AnyId = Searched.overwrite(hyphenated);

/** Which events are wanted. */
const filterQuery = {
  team_id: Id.optional(),
  /** `organisation`: all events of the organisation, also those of no team. */
  scope: z.enum(['team', 'organisation']).default('team'),
  from: Time.optional(),
  to: Time.optional(),
  actor_id: AnyId.optional(),
  action: Searched.optional(),
  object_type: Searched.optional(),
  object_id: AnyId.optional(),
  result: z.enum(['succeeded', 'failed', 'refused']).optional(),
  address: Searched.optional(),
  request_id: AnyId.optional(),
  run_id: AnyId.optional(),
  text: z.string().min(3).max(200).optional(),
};

const WHO =
  'Needs audit:read in the team, which is that of the key or `team_id`; with `scope=organisation`, in the organisation.';

export const listAuditRoute = route('GET', '/api/platform/v1/audit/events', {
  summary: `What was done and refused, newest first, in the last 30 days before \`to\` unless \`from\` is given; pass \`next\` back as \`after\`. \`action=flow.*\` stands for all actions that begin so; \`text\` is looked for in names, codes and details, not in ids. ${WHO}`,
  permission: { inPlace: 'audit:read' },
  query: z.object({
    ...pageQuery,
    ...filterQuery,
    order: z.enum(['newest', 'oldest']).default('newest'),
    count: z.enum(['true', 'false']).default('false'),
  }),
  reply: z.object({
    items: z.array(AuditEvent),
    next: z.string().optional(),
    count: z.object({ events: z.number().int(), isMore: z.boolean() }).optional(),
  }),
});

export const exportAuditRoute = route('GET', '/api/platform/v1/audit/export', {
  summary: `Events as a stream in the order of the chain: \`format=jsonl\` with what proves them, for \`causeway audit verify\`, or \`format=csv\`. An export that was interrupted goes on with the last cursor in it as \`after\`, one in CSV with its last \`seq\`. ${WHO}`,
  permission: { inPlace: 'audit:read' },
  query: z.object({
    ...filterQuery,
    format: z.enum(['jsonl', 'csv']).default('jsonl'),
    after: z.string().max(1_000).optional(),
  }),
  produces: 'application/x-ndjson',
});

export const listAuditKeysRoute = route('GET', '/api/platform/v1/audit/keys', {
  summary:
    'The public keys (Ed25519, base64url) with which exports of the audit log are checked: first the present one, then former ones.',
  permission: 'audit:read',
  reply: z.object({
    items: z.array(z.object({ keyId: z.string(), publicKey: z.string(), isCurrent: z.boolean() })),
  }),
});

const STREAM = 'Needs organisation:write in the organisation.';

export const getAuditStreamRoute = route('GET', '/api/platform/v1/audit/stream', {
  summary: `Where the organisation’s events are sent, and how far that has come; \`stream: null\`: nowhere. ${STREAM}`,
  permission: { inPlace: 'organisation:write' },
  reply: z.object({ stream: AuditStream.nullable() }),
});

export const putAuditStreamRoute = route('PUT', '/api/platform/v1/audit/stream', {
  summary: `Sends the organisation’s events to a receiver, such as a SIEM, at least once each and in order, signed as Standard Webhooks describe; \`from\`: now, or the beginning of the log. The secret is only in this answer. ${STREAM}`,
  permission: { inPlace: 'organisation:write' },
  body: z.strictObject({ url: z.url().max(2_000), from: z.enum(['now', 'beginning']).default('now') }),
  reply: AuditStream.extend({ secret: z.string() }),
});

export const deleteAuditStreamRoute = route('DELETE', '/api/platform/v1/audit/stream', {
  summary: `Stops sending the organisation’s events. ${STREAM}`,
  permission: { inPlace: 'organisation:write' },
  status: 204,
});
