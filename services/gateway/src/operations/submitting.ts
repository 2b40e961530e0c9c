import { createHash } from 'node:crypto';
import { causewayError, submitRun } from '@causeway/contracts';
import type { ReplyOf, RunEnvelope, RunInput, RunLimits } from '@causeway/contracts';
import { canonicalJson, joinShort } from '@causeway/dag';
import { Bus, Payloads, SETTINGS, Vault, currentContext } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { FlowResolver } from '../clients/flow-resolver.client.js';
import type { ResolvedFlow } from '../clients/flow-resolver.client.js';
import type { Settings } from '../config.js';
import type { Call } from '../http/door/call.js';
import { tenantOf } from '../http/door/call.js';

/** A run that is about to be submitted. */
export interface NewRun {
  readonly runId: string;
  readonly flow: ResolvedFlow;
  readonly input: RunInput;
  readonly trigger: RunEnvelope['trigger'];
  readonly replyTo?: string;
  readonly idempotencyKey?: string;
  /** Nobody waits for its stream, and somebody may watch it. */
  readonly live?: boolean;
}

/** Hands runs to the scheduler. What a caller gave is sealed here and opened only where it runs. */
@Injectable()
export class Submitting {
  private readonly limits: RunLimits;

  constructor(
    private readonly bus: Bus,
    private readonly payloads: Payloads,
    private readonly vault: Vault,
    private readonly flows: FlowResolver,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.limits = {
      timeoutMs: settings.runTimeoutMs,
      maxTokens: settings.runMaxTokens,
      memoryBytes: settings.runMemoryBytes,
    };
  }

  /** The flow behind a name, when it can run. Throws FLOW_UNKNOWN, FLOW_CANNOT_RUN: before any run exists. */
  async findRunnable(call: Call, name: string): Promise<ResolvedFlow> {
    const flow = await this.flows.resolve(tenantOf(call), name);
    call.object = { type: 'flow', id: flow.flowId, name: flow.name, version: flow.versionHash };
    const blocking = flow.problems.filter((problem) => problem.severity === 'blocking');
    if (blocking.length === 0) return flow;
    const problems = joinShort(
      blocking.map((problem) => `${problem.message} ${problem.remedy}`),
      ' ',
    );
    throw causewayError('FLOW_CANNOT_RUN', { problems, nodes: blocking.flatMap((problem) => problem.nodes) });
  }

  /** Submits; settles once the scheduler has committed the run. */
  async submit(call: Call, run: NewRun): Promise<ReplyOf<typeof submitRun>> {
    const envelope: RunEnvelope = {
      ...tenantOf(call),
      runId: run.runId,
      projectId: run.flow.projectId,
      flowId: run.flow.flowId,
      versionHash: run.flow.versionHash,
      input: await this.payloads.store(this.vault.seal(JSON.stringify(run.input)), run.runId),
      trigger: run.trigger,
      principal: call.principal,
      limits: this.limits,
      requestId: call.requestId,
      submittedAt: new Date().toISOString(),
      ...(run.live && { live: true }),
      ...(run.replyTo !== undefined && { replyTo: run.replyTo }),
      ...traceOfContext(),
    };
    if (run.idempotencyKey === undefined) return this.bus.request(submitRun, { envelope });
    const requestHash = createHash('sha256')
      .update(canonicalJson([run.flow.flowId, run.input]))
      .digest('hex');
    return this.bus.request(submitRun, { envelope, idempotencyKey: run.idempotencyKey, requestHash });
  }
}

function traceOfContext(): { traceparent?: string } {
  const { traceparent } = currentContext();
  return traceparent === undefined ? {} : { traceparent };
}
