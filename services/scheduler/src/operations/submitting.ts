import { createHash } from 'node:crypto';
import { authorize, mayOnlyByShare, reachOf } from '@causeway/authz';
import { causewayError, storedPrincipal } from '@causeway/contracts';
import type { InputOf, ReplyOf, RunEnvelope, RunLimits, Trigger, submitRun } from '@causeway/contracts';
import { ProblemCode, isCausewayError, joinShort } from '@causeway/dag';
import { DiskGuard, Payloads, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { FlowRegistryClient } from '../clients/flow-registry.client.js';
import type { ResolvedFlow } from '../clients/flow-registry.client.js';
import type { Settings } from '../config.js';
import { chooseVersion } from '../domain/choose-version.js';
import type { ReleasedVersion } from '../domain/choose-version.js';
import { strictestLimits } from '../domain/strictest-limits.js';
import { Admission } from './admission.js';

type Submitted = InputOf<typeof submitRun>;

/** Submits runs of every class: finds the flow, checks that the caller may run it, and sets the limits. */
@Injectable()
export class Submitting {
  private readonly limits: RunLimits;

  constructor(
    private readonly flows: FlowRegistryClient,
    private readonly admission: Admission,
    private readonly payloads: Payloads,
    private readonly disk: DiskGuard,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.limits = {
      timeoutMs: settings.runTimeoutMs,
      maxTokens: settings.runMaxTokens,
      memoryBytes: settings.runMemoryBytes,
    };
  }

  /** Returns the run once it is committed, or the run that the same request made before. */
  async submit(input: Submitted): Promise<ReplyOf<typeof submitRun>> {
    const { caller, runId, idempotencyKey, inputHash } = input;
    const flow = await this.resolve(input);
    const version = chooseVersion(flow.release, () => drawOf(input.stickyKey ?? runId));
    const { flowId: id, name } = flow;
    const named = { id, name, versionHash: version.versionHash, projectId: flow.projectId };
    const object = { ...flow, type: 'flow', id, askedAs: input.flow } as const;
    authorize(caller, 'flow:run', object);
    const isShared = caller.principal.objects && mayOnlyByShare(caller.principal, 'flow:run', object);
    checkRunnable(flow, version, input.trigger);
    const refusal = this.disk.refusal();
    const run = {
      // When no run is accepted, no input is stored.
      envelope: {
        ...(await this.envelope(refusal ? { ...input, input: '' } : input, flow, version)),
        ...(isShared && { isShared }),
        ...(caller.principal.origins && { isPublic: true }),
      },
      ...(idempotencyKey !== undefined && {
        // Each caller has keys of their own: nobody gets the answer of a run that somebody else started.
        idempotencyKey: `${caller.principal.id} ${idempotencyKey}`,
        requestHash: sha256(`${id} ${inputHash ?? ''}`),
      }),
    };
    const accepted = await this.admission.submit(run, refusal);
    return { ...accepted, flow: named };
  }

  /** Whoever may run only single flows does not learn that others share a name. @throws CausewayError FLOW_UNKNOWN, FLOW_NAME_SHARED */
  private async resolve({ caller, flow }: Submitted): Promise<ResolvedFlow> {
    try {
      return await this.flows.resolve(caller.tenant, flow);
    } catch (error) {
      const isLimited = reachOf(caller.principal, ['flow:run']) !== undefined;
      if (isLimited && isCausewayError(error) && error.code === 'FLOW_NAME_SHARED')
        throw causewayError('FLOW_UNKNOWN', { flow });
      throw error;
    }
  }

  private async envelope(
    input: Submitted,
    { organisationId, teamId, projectId, flowId, name }: ResolvedFlow,
    { versionHash }: ReleasedVersion,
  ): Promise<RunEnvelope> {
    const { caller, runId, trigger, limits, submittedAt, replyTo, live, traceparent } = input;
    return {
      organisationId,
      teamId,
      runId,
      projectId,
      flowId,
      flowName: name,
      versionHash,
      // The input is stored only after the flow and the caller's permission were checked.
      input: await this.payloads.storeSealed(input.input, runId),
      trigger,
      principal: storedPrincipal(caller.principal),
      limits: strictestLimits(this.limits, limits),
      requestId: caller.requestId,
      submittedAt,
      ...(live && { live }),
      ...(caller.principal.objects && reachOf(caller.principal, ['file:read']) && { ownFilesOnly: true }),
      ...(replyTo !== undefined && { replyTo }),
      ...(traceparent !== undefined && { traceparent }),
    };
  }
}

/** @throws CausewayError FLOW_CANNOT_RUN, WEBHOOK_MISSING, before a run exists */
function checkRunnable(
  { flowId, name }: ResolvedFlow,
  { problems, versionHash, hasWebhook }: ReleasedVersion,
  trigger: Trigger,
): void {
  const flow = { id: flowId, name, versionHash };
  if (trigger === 'webhook' && !hasWebhook) throw causewayError('WEBHOOK_MISSING', { name, flowId, flow });
  // A tweak may replace an invalid value. Tweaks are applied when the run executes; if the value is still invalid, the run fails then.
  const blocking = problems.filter(
    ({ code, severity }) => severity === 'blocking' && code !== ProblemCode.fieldInvalid,
  );
  if (blocking.length === 0) return;
  throw causewayError('FLOW_CANNOT_RUN', {
    problems: joinShort(
      blocking.map((problem) => `${problem.message} ${problem.remedy}`),
      ' ',
    ),
    nodes: blocking.flatMap((problem) => problem.nodes),
    flow,
  });
}

/** A number from 0 up to 1 that is always the same for the same text. */
function drawOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
