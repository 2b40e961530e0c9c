import { z } from 'zod';
import { request } from './contract.js';
import { JsonObject } from './json.js';
import { batch } from './outbox.js';
import { PageRequest, Tenant } from './tenancy.js';

/** One thing done or refused: who, what, to which object, from where, when, with what result. */
export const AuditEvent = z.object({
  /** UUID v7 given where it happened: the same event twice is one row. */
  id: z.uuid(),
  at: z.iso.datetime(),
  organisationId: z.uuid(),
  teamId: z.uuid(),
  actor: z.object({ kind: z.string(), id: z.string(), name: z.string(), keyId: z.string().optional() }),
  /** `<noun>.<verb>`: flow.create, run.finish, key.delete, request.refuse… */
  action: z.string().regex(/^[a-z_]+\.[a-z_]+$/),
  object: z.object({
    type: z.string(),
    id: z.string(),
    name: z.string().optional(),
    version: z.string().optional(),
  }),
  result: z.enum(['succeeded', 'failed', 'refused']),
  /** Error code, when there is one. */
  code: z.string().optional(),
  from: z.object({ address: z.string().optional(), userAgent: z.string().max(500).optional() }).optional(),
  requestId: z.string().optional(),
  runId: z.string().optional(),
  /** What changed, without secrets. */
  detail: JsonObject.optional(),
  /** How many alike events this one stands for. @default 1 */
  count: z.number().int().positive().optional(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

/** Takes events from outboxes and from the gateway's refusals; confirms those it has committed. */
export const appendAuditEvents = batch('req.audit.event.append.v1', AuditEvent);

/** Newest first, within one organisation. */
export const listAuditEvents = request('req.audit.event.list.v1', {
  input: Tenant.extend({
    page: PageRequest,
    from: z.iso.datetime().optional(),
    to: z.iso.datetime().optional(),
    actorId: z.string().optional(),
    action: z.string().optional(),
    objectId: z.string().optional(),
    result: z.enum(['succeeded', 'failed', 'refused']).optional(),
  }),
  reply: z.object({ items: z.array(AuditEvent), next: z.string().optional() }),
});
