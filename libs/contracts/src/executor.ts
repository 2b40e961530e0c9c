import { z } from 'zod';
import { EXECUTOR_RUNNER, command, live, request } from './contract.js';
import { JsonValue } from './values/json.js';
import { RetentionPlan } from './retention.js';
import { RunEnvelope, RunStatusSchema } from './scheduler.js';
import { PageRequest, Payload, Principal, Reach, Tenant } from './tenancy.js';

const TenantRun = Tenant.extend({ runId: z.uuid() });

/** Rings for a released run. Duplicates are normal; only the first claim counts. */
export const claimRun = command('cmd.executor.run.claim.v1', {
  from: ['scheduler'],
  by: EXECUTOR_RUNNER,
  input: RunEnvelope,
  ackWaitMs: 10_000,
  maxDeliver: 5,
});

/** An error as a run shows it. */
export const RunError = z.object({
  code: z.string(),
  message: z.string(),
  nodeId: z.string().optional(),
  nodeName: z.string().optional(),
});
export type RunError = z.infer<typeof RunError>;

/** The status of an execution; `unknown` when no executor has a row of the run. */
export const ExecutionState = z.object({
  runId: z.uuid(),
  status: z.union([RunStatusSchema, z.literal('unknown')]),
  finishedAt: z.iso.datetime().nullable(),
  /** The answer in Langflow's shape, `{session_id, outputs}`, once succeeded. */
  result: Payload.optional(),
  error: RunError.optional(),
});
export type ExecutionState = z.infer<typeof ExecutionState>;

/** Asked by the reconciler and by a gateway that waits. Contains results only when they are requested. */
export const getExecutionStates = request('req.executor.run.states.v1', {
  gatewayActsFor: 'itself',
  from: ['gateway', 'scheduler'],
  input: z.object({ runIds: z.array(z.uuid()).max(500), withResult: z.boolean().default(false) }),
  reply: z.object({ states: z.array(ExecutionState) }),
});

/**
 * A runner accepts new runs from now on: doorbells that were rung before may have reached one that accepts none any
 * more.
 */
export const runnerReady = live('live.executor.runner.ready.v1', {
  to: ['scheduler'],
  by: EXECUTOR_RUNNER,
  input: z.object({ runnerId: z.uuid() }),
});

/** How many runs all living executors can take together. */
export const getCapacity = request('req.executor.capacity.get.v1', {
  from: ['scheduler'],
  input: z.object({}),
  reply: z.object({ runs: z.number().int().nonnegative() }),
});

/**
 * Ends a released run: marks a claimed one, inserts a tombstone for an unclaimed one. `timed_out`: no caller asked for
 * its end, it waited too long to be claimed; a claimed run is then not changed.
 */
export const stopExecution = request('req.executor.run.stop.v1', {
  from: ['scheduler'],
  input: z.object({ envelope: RunEnvelope, status: z.enum(['cancelled', 'timed_out']).default('cancelled') }),
  reply: z.object({ status: RunStatusSchema, requested: z.boolean() }),
});

/**
 * Removes the data of runs that are over: all of it, or only the payloads, which are results of steps and answers. Sent
 * by the scheduler, which then deletes its own row of the run. Idempotent; `kept`: runs that are not over.
 */
export const forgetRuns = request('req.executor.run.forget.v1', {
  from: ['scheduler'],
  input: z.object({ runIds: z.array(z.uuid()).max(500), what: z.enum(['all', 'payloads']) }),
  reply: z.object({ kept: z.array(z.uuid()), rows: z.number().int().nonnegative() }),
  timeoutMs: 10_000,
});

/** How much data the runs have in all that ended before a time, estimated; rows are runs, counted up to 100,000. */
export const measureRuns = request('req.executor.run.measure.v1', {
  from: ['scheduler'],
  input: z.object({ endedBefore: z.iso.datetime() }),
  reply: z.object({ rows: z.number().int().nonnegative(), bytes: z.number().nonnegative() }),
  timeoutMs: 10_000,
});

/** How much of chats and of the executors' own data is due for removal now, of all teams. */
export const planChatRetention = request('req.executor.retention.plan.v1', {
  needs: ['log:read'],
  input: z.object({}),
  reply: RetentionPlan,
  timeoutMs: 15_000,
});

/** One step of a run, as its page shows it. */
export const RunStep = z.object({
  path: z.string(),
  nodeId: z.string(),
  nodeType: z.string(),
  nodeName: z.string(),
  status: z.enum(['running', 'succeeded', 'failed', 'skipped', 'unknown']),
  epoch: z.number().int(),
  attempts: z.number().int(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  /** Output names and values; a live object has no value. */
  outputs: Payload.nullable(),
  error: RunError.nullable(),
  tokens: z.object({ input: z.number().int(), output: z.number().int() }).nullable(),
  model: z.string().nullable(),
  /** A call was running when its executor died, so it may have been paid twice. */
  possiblyPaidTwice: z.boolean(),
});
export type RunStep = z.infer<typeof RunStep>;

export const getExecution = request('req.executor.run.get.v1', {
  needs: ['run:read'],
  perObject: true,
  input: TenantRun.extend({ reach: Reach.optional() }),
  reply: z.object({
    state: ExecutionState,
    epoch: z.number().int(),
    claimedAt: z.iso.datetime().nullable(),
    steps: z.array(RunStep),
  }),
});

/** A durable event of a run; `seq` is 1..last without gaps. */
export const DurableRunEvent = z.object({
  seq: z.number().int().positive(),
  at: z.iso.datetime(),
  type: z.string(),
  path: z.string().nullable(),
  data: JsonValue,
});
export type DurableRunEvent = z.infer<typeof DurableRunEvent>;

export const listRunEvents = request('req.executor.run.events.v1', {
  needs: ['run:read'],
  perObject: true,
  input: TenantRun.extend({
    reach: Reach.optional(),
    afterSeq: z.number().int().nonnegative().default(0),
    limit: z.number().int().min(1).max(1000).default(500),
  }),
  reply: z.object({
    status: z.union([RunStatusSchema, z.literal('unknown')]),
    items: z.array(DurableRunEvent),
  }),
});

/** The answer, sent directly to the gateway that waits (`key` = its id). May be lost: the gateway also requests it. */
export const runAnswered = live('live.executor.run.answered.v1', {
  by: EXECUTOR_RUNNER,
  to: ['gateway'],
  input: ExecutionState,
  keyed: true,
});

/**
 * The events of a run while it runs (`key` = run id), with Langflow's event names: add_message, token, end_vertex,
 * error, end. A node's failure is an `error` with a message; the run's end is one with the sentence only. (epoch, n)
 * grows within a run; `seq` is the last durable event before it.
 */
export const RunFrame = z.object({
  runId: z.uuid(),
  epoch: z.number().int(),
  n: z.number().int(),
  seq: z.number().int(),
  event: z.string(),
  data: JsonValue,
});
export type RunFrame = z.infer<typeof RunFrame>;
/**
 * What a reader who joins later needs of the frames up to n of an epoch: the messages that are not complete, each as it
 * began and with all of its text so far. Stored in Redis, sealed, under the kind `frames` and the run's id; may be
 * lost.
 */
export const FrameReplay = z.object({
  epoch: z.number().int(),
  n: z.number().int(),
  unfinished: z.array(z.object({ message: JsonValue, text: z.string() })),
});
export type FrameReplay = z.infer<typeof FrameReplay>;
export const runEmitted = live('live.executor.run.emitted.v1', {
  by: EXECUTOR_RUNNER,
  to: ['gateway'],
  input: RunFrame,
  keyed: true,
});

/** Asks the owner of a run to read its `cancel_requested_at` now. */
export const runCancelRequested = live('live.executor.run.cancel_requested.v1', {
  to: [EXECUTOR_RUNNER],
  input: z.object({ runId: z.uuid() }),
});

/** A chat message as Langflow's monitor shows it. */
export const ChatMessage = z.object({
  id: z.uuid(),
  flowId: z.uuid(),
  runId: z.uuid().nullable(),
  sessionId: z.string(),
  contextId: z.string(),
  sender: z.string(),
  senderName: z.string(),
  text: z.string(),
  files: z.array(z.string()),
  at: z.iso.datetime(),
  error: z.boolean(),
  edit: z.boolean(),
  category: z.string(),
  properties: JsonValue,
  contentBlocks: JsonValue,
});
export type ChatMessage = z.infer<typeof ChatMessage>;

export const listMessages = request('req.executor.message.list.v1', {
  needs: ['message:read'],
  perObject: true,
  input: Tenant.extend({
    reach: Reach.optional(),
    page: PageRequest,
    flowId: z.uuid().optional(),
    sessionId: z.string().optional(),
    sender: z.string().optional(),
    senderName: z.string().optional(),
    order: z.enum(['asc', 'desc']).default('asc'),
    /** Messages that are skipped before the first page. */
    offset: z.number().int().min(0).max(1_000_000).optional(),
  }),
  reply: z.object({ items: z.array(ChatMessage), next: z.string().optional() }),
});

/** Sessions that have messages, those with the newest message first. */
export const listSessions = request('req.executor.message.sessions.v1', {
  needs: ['message:read'],
  perObject: true,
  input: Tenant.extend({
    reach: Reach.optional(),
    flowId: z.uuid().optional(),
    limit: z.number().int().min(1).max(10_000).default(10_000),
    offset: z.number().int().min(0).max(1_000_000).default(0),
  }),
  reply: z.object({ sessionIds: z.array(z.string()) }),
});

const Actor = z.object({ principal: Principal, requestId: z.string() });

export const updateMessage = request('req.executor.message.update.v1', {
  needs: ['message:write'],
  perObject: true,
  input: Actor.extend({
    reach: Reach.optional(),
    messageId: z.uuid(),
    text: z.string().optional(),
    properties: JsonValue.optional(),
    sender: z.string().optional(),
    senderName: z.string().optional(),
  }),
  reply: ChatMessage,
});

export const renameSession = request('req.executor.message.rename_session.v1', {
  needs: ['message:write'],
  perObject: true,
  input: Actor.extend({
    reach: Reach.optional(),
    sessionId: z.string(),
    newSessionId: z.string().min(1).max(500),
  }),
  reply: z.object({ items: z.array(ChatMessage) }),
});

/** Deletes by ids, by sessions, or by both. `sessions` of the reply: in how many sessions something was deleted. */
export const deleteMessages = request('req.executor.message.delete.v1', {
  needs: ['message:write'],
  perObject: true,
  input: Actor.extend({
    reach: Reach.optional(),
    messageIds: z.array(z.uuid()).max(1000).optional(),
    sessionId: z.string().optional(),
    sessionIds: z.array(z.string()).max(500).optional(),
  }),
  reply: z.object({ deleted: z.number().int(), sessions: z.number().int().optional() }),
});
