import { RunStatus } from '@causeway/dag';
import { z } from 'zod';
import { EXECUTOR_RUNNER, request } from './contract.js';
import { JsonObject } from './values/json.js';
import { batch } from './outbox.js';
import { RetentionPlan } from './retention.js';
import { Caller, PageRequest, Payload, Principal, Reach, StoredPrincipal, Tenant } from './tenancy.js';

export const RunStatusSchema = z.enum(Object.values(RunStatus) as [RunStatus, ...RunStatus[]]);

/** Limits of one run; the strictest of organisation, team, flow and request. */
export const RunLimits = z.object({
  /** Running time, waiting excluded. @default 300_000 */
  timeoutMs: z.number().int().positive(),
  /** Model output tokens over the whole run. @default 4096 */
  maxTokens: z.number().int().positive(),
  /** @default 2 GiB */
  memoryBytes: z.number().int().positive(),
});
export type RunLimits = z.infer<typeof RunLimits>;

/** The limits of a run whose request names none. */
export const DEFAULT_RUN_LIMITS: RunLimits = {
  timeoutMs: 300_000,
  maxTokens: 4096,
  memoryBytes: 2 * 1024 ** 3,
};

/**
 * What a caller gave a run. It may contain secrets (request variables, keys in tweaks), so it leaves the gateway only
 * sealed, and is opened by the executor that runs it.
 */
export const RunInput = z.object({
  inputValue: z.string().optional(),
  inputType: z.enum(['chat', 'text', 'any']).default('chat'),
  outputType: z.enum(['chat', 'text', 'any', 'debug']).default('chat'),
  outputComponent: z.string().optional(),
  tweaks: JsonObject.optional(),
  sessionId: z.string().max(500).optional(),
  /** Request variables by upper-case name. */
  variables: z.record(z.string(), z.string()).optional(),
  /** Body of a webhook call: becomes the `data` of every Webhook node. */
  webhookBody: z.string().optional(),
  /** Members of the request that mean nothing: the first of them, then how many more there are. */
  ignored: z.array(z.string()).max(100).optional(),
  stream: z.boolean().default(false),
});
export type RunInput = z.infer<typeof RunInput>;

/** What starts a run; also the class in which it waits. */
export const Trigger = z.enum(['api', 'webhook', 'schedule', 'batch']);
export type Trigger = z.infer<typeof Trigger>;

/**
 * All that an executor needs to claim and execute a run; sent as a doorbell, stored in the run's row, copied into the
 * execution.
 */
export const RunEnvelope = Tenant.extend({
  runId: z.uuid(),
  projectId: z.uuid(),
  flowId: z.uuid(),
  /** As it was when the run was accepted: the audit log is read by people. */
  flowName: z.string().optional(),
  versionHash: z.string(),
  /** Sealed `RunInput`. */
  input: Payload,
  trigger: Trigger,
  principal: StoredPrincipal,
  limits: RunLimits,
  /** The gateway that waits for the answer, if there is one. */
  replyTo: z.string().optional(),
  /** Whether its request may name files of its flow only, because its caller has no right to all files of the team. */
  ownFilesOnly: z.boolean().optional(),
  /**
   * Whether its caller may run the flow only because it is shared with the caller's team: then it has chat sessions of its own, and its
   * request names no files.
   */
  isShared: z.boolean().optional(),
  /**
   * Whether a visitor of a public page started it: it has chat sessions apart from the team's, and one of its own when its request names
   * none, because all visitors use the same key.
   */
  isPublic: z.boolean().optional(),
  /** Whether a client may watch it later although no stream was requested: then its frames are published. */
  live: z.boolean().optional(),
  requestId: z.string(),
  submittedAt: z.iso.datetime(),
  traceparent: z.string().optional(),
});
export type RunEnvelope = z.infer<typeof RunEnvelope>;

/** A run as lists show it. */
export const RunSummary = z.object({
  id: z.uuid(),
  organisationId: z.uuid(),
  teamId: z.uuid(),
  projectId: z.uuid(),
  flowId: z.uuid(),
  versionHash: z.string(),
  status: RunStatusSchema,
  trigger: Trigger,
  principalId: z.string(),
  submittedAt: z.iso.datetime(),
  releasedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
});
export type RunSummary = z.infer<typeof RunSummary>;

/**
 * Accepts a run, whatever starts it: the scheduler finds the flow, checks whether the caller may run it, determines the
 * limits, and commits. It replies after the commit. The same `runId` again, or the same idempotency key with the same
 * flow and `inputHash`, gives the first run (`replayed`); the same key with another request gives IDEMPOTENCY_MISMATCH.
 *
 * Errors before any run exists: FLOW_UNKNOWN, FLOW_NAME_SHARED, PERMISSION_DENIED, FLOW_CANNOT_RUN, WEBHOOK_MISSING, TEAM_BUSY,
 * OVERLOADED.
 */
export const submitRun = request('req.scheduler.run.submit.v2', {
  needs: ['flow:run'],
  perObject: true,
  input: z.object({
    caller: Caller,
    runId: z.uuid(),
    /** The flow's id, its endpoint name or its name. */
    flow: z.string().min(1).max(500),
    /** Sealed JSON of `RunInput`. */
    input: z.string(),
    trigger: Trigger,
    /** The limits that the caller requests; the strictest limit applies. */
    limits: RunLimits.partial().optional(),
    /** The gateway that waits for the answer, if there is one. */
    replyTo: z.string().optional(),
    /** Whether a client may watch it later although no stream was requested. */
    live: z.boolean().optional(),
    submittedAt: z.iso.datetime(),
    traceparent: z.string().optional(),
    idempotencyKey: z.string().min(1).max(255).optional(),
    /** SHA-256 of the input's canonical JSON, given with an idempotency key. */
    inputHash: z.string().max(64).optional(),
    /** Runs with the same key use the same version of a release that has several. */
    stickyKey: z.string().max(500).optional(),
  }),
  reply: z.object({
    runId: z.uuid(),
    status: RunStatusSchema,
    replayed: z.boolean(),
    flow: z.object({ id: z.uuid(), name: z.string(), versionHash: z.string(), projectId: z.uuid() }),
  }),
});

/** Requests the end of a run. The final state may still be `succeeded`. */
export const cancelRun = request('req.scheduler.run.cancel.v1', {
  gatewayActsFor: 'either',
  needs: ['run:cancel'],
  perObject: true,
  input: Tenant.extend({
    runId: z.uuid(),
    reach: Reach.optional(),
    principal: Principal,
    requestId: z.string(),
  }),
  reply: z.object({ runId: z.uuid(), status: RunStatusSchema, requested: z.boolean() }),
});

export const getRun = request('req.scheduler.run.get.v1', {
  gatewayActsFor: 'either',
  needs: ['run:read'],
  perObject: true,
  input: Tenant.extend({ runId: z.uuid(), reach: Reach.optional() }),
  reply: RunSummary,
});

/** Newest first. */
export const listRuns = request('req.scheduler.run.list.v1', {
  needs: ['run:read'],
  perObject: true,
  input: Tenant.extend({
    reach: Reach.optional(),
    page: PageRequest,
    flowId: z.uuid().optional(),
    status: RunStatusSchema.optional(),
    trigger: Trigger.optional(),
    from: z.iso.datetime().optional(),
    to: z.iso.datetime().optional(),
  }),
  reply: z.object({ items: z.array(RunSummary), next: z.string().optional() }),
});

/** How a run ended, from the executor's outbox. Idempotent: a run's final state is set once. */
export const RunReport = z.object({
  runId: z.uuid(),
  status: RunStatusSchema,
  at: z.iso.datetime(),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
});
export type RunReport = z.infer<typeof RunReport>;
export const reportRuns = batch('req.scheduler.run.report.v1', RunReport, ['executor', EXECUTOR_RUNNER]);

/** How many runs are due for removal now, of all teams. */
export const planRunRetention = request('req.scheduler.retention.plan.v1', {
  needs: ['log:read'],
  input: z.object({}),
  reply: RetentionPlan,
  timeoutMs: 15_000,
});

/** When the oldest run that is kept was submitted; null if none is kept. */
export const findOldestRun = request('req.scheduler.run.oldest.v1', {
  from: ['flow-registry'],
  input: z.object({}),
  reply: z.object({ submittedAt: z.iso.datetime().nullable() }),
});

/**
 * Whether runs are kept that are pinned to versions, or to any version of a flow if none is named, in the order of the
 * items. Only runs that were submitted until the given time are searched: after it nothing new can be pinned to that
 * version.
 */
export const findPinned = request('req.scheduler.version.pinned.v1', {
  from: ['flow-registry'],
  input: z.object({
    items: z
      .array(
        z.object({ flowId: z.uuid(), versionHash: z.string().max(64).optional(), until: z.iso.datetime() }),
      )
      .max(500),
  }),
  reply: z.object({ pinned: z.array(z.boolean()) }),
  // Where versions are kept for a shorter time than runs, it searches all runs of their flows.
  timeoutMs: 15_000,
});
