import { z } from 'zod';
import { EXECUTOR_RUNNER, request } from './contract.js';
import { KeyAnswer, KeyQuestion } from './keys/data-keys.js';
import { JsonObject } from './values/json.js';
import { batch } from './outbox.js';
import { RetentionPlan } from './retention.js';
import { PageRequest, Principal, Tenant } from './tenancy.js';

/** One act, done or refused: who, what, on which object, from where, when, with what result. */
export const AuditEvent = z.object({
  /** UUID v7, made where the act happened: the same event sent twice is one row. */
  id: z.uuid(),
  at: z.iso.datetime(),
  /** What its sender gave as the time, where that was impossible: `at` is then when it arrived. */
  claimedAt: z.string().optional(),
  organisationId: z.uuid(),
  /** Absent where it is about the whole organisation. */
  teamId: z.uuid().optional(),
  actor: z.object({
    kind: z.string(),
    id: z.string(),
    name: z.string(),
    keyId: z.string().optional(),
    sessionId: z.string().optional(),
    tokenId: z.string().optional(),
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
  /** Whose data it concerns; without a team, it is about the whole organisation. */
  readonly tenant: { readonly organisationId: string; readonly teamId?: string | undefined };
  readonly actor: Pick<Principal, 'kind' | 'id' | 'name' | 'keyId' | 'sessionId' | 'tokenId'>;
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
    ...defined({ teamId: tenant.teamId }),
    actor: defined({
      kind: actor.kind,
      id: actor.id,
      name: actor.name,
      keyId: actor.keyId,
      sessionId: actor.sessionId,
      tokenId: actor.tokenId,
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

/** What events of a run are about: its flow, with the name that it had when the run was accepted. Pure. */
export function flowOfRun(run: {
  readonly flowId: string;
  readonly flowName?: string | undefined;
  readonly versionHash: string;
}): AuditEvent['object'] {
  const { flowId, flowName, versionHash } = run;
  return { type: 'flow', id: flowId, ...defined({ name: flowName }), version: versionHash };
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
  EXECUTOR_RUNNER,
]);

const searched = z.string().min(1).max(500);

/** Selects events; absent members do not restrict. */
export const AuditFilter = z.object({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  actorId: searched.optional(),
  /** One action, such as flow.create, or all that begin so, with a star at the end: `flow.*`. */
  action: searched.optional(),
  objectType: searched.optional(),
  objectId: searched.optional(),
  result: z.enum(['succeeded', 'failed', 'refused']).optional(),
  address: searched.optional(),
  requestId: searched.optional(),
  runId: searched.optional(),
  /** Words that the event has one after the other: in names, error code, user agent or details, not in ids. */
  text: z.string().min(3).max(200).optional(),
});
export type AuditFilter = z.infer<typeof AuditFilter>;

/** The tenant is the caller's. `organisation`: all events of the organisation, also those of no team. */
const AuditScope = Tenant.extend({ scope: z.enum(['team', 'organisation']).default('team') });

/** How many days a search goes back from its end when it does not say where it begins. An export without a beginning has everything. */
export const DEFAULT_AUDIT_DAYS = 30;

/** Most events that are counted one by one. */
export const MOST_COUNTED_EVENTS = 10_000;

/** Events of a team, or of the whole organisation; the last 30 days before `to` unless `from` is given. */
export const listAuditEvents = request('req.audit.event.list.v1', {
  needs: ['audit:read'],
  input: AuditScope.extend(AuditFilter.shape).extend({
    page: PageRequest,
    /** @default newest */
    order: z.enum(['newest', 'oldest']).optional(),
    /** Also counts the events. @default false */
    count: z.boolean().optional(),
  }),
  reply: z.object({
    items: z.array(AuditEvent),
    next: z.string().optional(),
    /** How many events there are on all pages, with `count`; if `isMore`, there are more than that. */
    count: z.object({ events: z.number().int(), isMore: z.boolean() }).optional(),
  }),
  timeoutMs: 10_000,
});

/** A part of an export, in the order of the chain. */
export const exportAuditEvents = request('req.audit.event.export.v1', {
  needs: ['audit:read'],
  input: AuditScope.extend(AuditFilter.shape).extend({
    /** The cursor of the part before. @default the beginning */
    after: z.string().max(1_000).optional(),
  }),
  /** Lines as `audit-chain` reads them. Without `next` it is the last part. */
  reply: z.object({ lines: z.array(z.string()), next: z.string().optional() }),
  timeoutMs: 20_000,
});

/** The public keys with which exports are checked: that of the present key first, then those of former ones. */
export const listAuditKeys = request('req.audit.key.list.v1', {
  needs: ['audit:read'],
  input: z.object({}),
  reply: z.object({
    items: z.array(z.object({ keyId: z.string(), publicKey: z.string(), isCurrent: z.boolean() })),
  }),
});

/** Where the events of an organisation are sent. */
export const AuditStream = z.object({
  url: z.string(),
  /** The last event that the receiver has confirmed, and the last one that there is. */
  sentSeq: z.number().int(),
  lastSeq: z.number().int(),
  /** Tries since the last success. */
  failures: z.number().int(),
  lastError: z.string().nullable(),
  /** Set when nothing is sent any more, after too many failures. */
  pausedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type AuditStream = z.infer<typeof AuditStream>;

/** A change of where the organisation's events are sent: by a caller with organisation:write in the organisation. */
const StreamChange = Tenant.extend({ principal: Principal, requestId: z.string().optional() });

/**
 * Sends the organisation's events there from now on, or from the beginning, in place of where they were sent. Only the reply has the secret,
 * and only the process that asked can read it.
 *
 * @throws CausewayError PERMISSION_DENIED, AUDIT_STREAM_REFUSED, SENDER_REFUSED
 */
export const putAuditStream = request('req.audit.stream.put.v2', {
  needs: ['organisation:write'],
  input: StreamChange.extend({
    url: z.url().max(2_000),
    from: z.enum(['now', 'beginning']),
    question: KeyQuestion,
  }),
  reply: z.object({ stream: AuditStream, answer: KeyAnswer }),
  timeoutMs: 20_000,
});

export const getAuditStream = request('req.audit.stream.get.v1', {
  needs: ['organisation:write'],
  input: Tenant,
  reply: z.object({ stream: AuditStream.nullable() }),
});

/** Does nothing when there is none. */
export const deleteAuditStream = request('req.audit.stream.delete.v1', {
  needs: ['organisation:write'],
  input: StreamChange,
  reply: z.object({}),
});

/** How much of the audit log is due for removal now, of all teams. */
export const planAuditRetention = request('req.audit.retention.plan.v1', {
  needs: ['log:read'],
  input: z.object({}),
  reply: RetentionPlan,
  timeoutMs: 15_000,
});
