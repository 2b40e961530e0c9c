import { z } from 'zod';
import { request } from './contract.js';
import { JsonObject } from './values/json.js';
import { batch } from './outbox.js';
import { RetentionPlan } from './retention.js';
import { PageRequest, type Principal, Tenant } from './tenancy.js';

/** One act, done or refused: who, what, on which object, from where, when, with what result. */
export const AuditEvent = z.object({
  /** UUID v7, made where the act happened: the same event sent twice is one row. */
  id: z.uuid(),
  at: z.iso.datetime(),
  organisationId: z.uuid(),
  teamId: z.uuid(),
  actor: z.object({
    kind: z.string(),
    id: z.string(),
    name: z.string(),
    keyId: z.string().optional(),
    sessionId: z.string().optional(),
  }),
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
  /** How many equal events this one represents. @default 1 */
  count: z.number().int().positive().optional(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

/** What a service says of an event before the event has its stored form. Members that are undefined are left out. */
export interface AuditedAct {
  /** UUID v7, made where the act happened. */
  readonly id: string;
  readonly at: Date | string;
  /** The tenant whose data it concerns. */
  readonly tenant: Tenant;
  readonly actor: Pick<Principal, 'kind' | 'id' | 'name' | 'keyId' | 'sessionId'>;
  readonly action: string;
  readonly object: AuditEvent['object'];
  /** @default 'succeeded' */
  readonly result?: AuditEvent['result'];
  readonly code?: string | undefined;
  readonly from?: { readonly address?: string | undefined; readonly userAgent?: string | undefined };
  readonly requestId?: string | undefined;
  readonly runId?: string | undefined;
  readonly detail?: AuditEvent['detail'] | undefined;
}

/** Makes the audit event of an act: the only place where events get their shape. */
export function auditEvent(act: AuditedAct): AuditEvent {
  const { tenant, actor, object, from } = act;
  return {
    id: act.id,
    at: typeof act.at === 'string' ? act.at : act.at.toISOString(),
    organisationId: tenant.organisationId,
    teamId: tenant.teamId,
    actor: defined({
      kind: actor.kind,
      id: actor.id,
      name: actor.name,
      keyId: actor.keyId,
      sessionId: actor.sessionId,
    }),
    action: act.action,
    object: defined({ type: object.type, id: object.id, name: object.name, version: object.version }),
    result: act.result ?? 'succeeded',
    ...defined({
      code: act.code,
      from: from && defined({ address: from.address, userAgent: from.userAgent }),
      requestId: act.requestId,
      runId: act.runId,
      detail: act.detail,
    }),
  };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The members that have a value. */
function defined<T extends object>(parts: T): Defined<T> {
  const kept: Partial<T> = {};
  for (const name of Object.keys(parts) as (keyof T)[])
    if (parts[name] !== undefined) kept[name] = parts[name];
  return kept as Defined<T>;
}

/** Takes events from outboxes and from the gateway's refusals; confirms those that it has committed. */
export const appendAuditEvents = batch('req.audit.event.append.v1', AuditEvent, [
  'gateway',
  'auth',
  'flow-registry',
  'scheduler',
  'executor',
]);

/** Newest first, within one organisation. */
export const listAuditEvents = request('req.audit.event.list.v1', {
  needs: ['audit:read'],
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

/** How much of the audit log is due for removal now, of all teams. */
export const planAuditRetention = request('req.audit.retention.plan.v1', {
  needs: ['log:read'],
  input: z.object({}),
  reply: RetentionPlan,
  timeoutMs: 15_000,
});
