import { z } from 'zod';
import { AuditEvent } from '../audit.js';
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
