import { setTimeout as sleep } from 'node:timers/promises';
import { RunInput, causewayError } from '@causeway/contracts';
import type { RunError } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { isCausewayError } from '@causeway/dag';
import { Payloads, Vault, log, withContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { errorMessage, messageFrame } from '../domain/error-message.js';
import { resolveFields, wantedVariables } from '../domain/node-variables.js';
import { prepareRun } from '../domain/prepare-run.js';
import type { PreparedRun } from '../domain/prepare-run.js';
import { runAnswer } from '../domain/run-answer.js';
import { isStop, problemsError, runError } from '../domain/run-error.js';
import { ReplayStore } from '../store/replay.store.js';
import type { Replay } from '../store/replay.store.js';
import { ChatMemory } from './chat-memory.js';
import { Finishing } from './finishing.js';
import type { Ended } from './finishing.js';
import { Frames } from './frames.js';
import { Journal } from './journal.js';
import type { RunJournal } from './journal.js';
import { NodeRunner } from './node-runner.js';
import { Outputs } from './outputs.js';
import { Plans } from './plans.js';
import type { RunAttempt } from './run-attempt.js';
import { RunClock } from './run-clock.js';
import type { RunControl } from './run-control.js';
import { Variables } from './variables.js';
import { Walk } from './walk.js';

const RETRY_MS = 500;
/** Nodes of a run that is over have so long to heed their signal. */
const SETTLE_MS = 1_000;

/** Makes one attempt at a run, from its envelope to its end. */
@Injectable()
export class RunFlow {
  constructor(
    private readonly vault: Vault,
    private readonly payloads: Payloads,
    private readonly plans: Plans,
    private readonly variables: Variables,
    private readonly replays: ReplayStore,
    private readonly journal: Journal,
    private readonly nodes: NodeRunner,
    private readonly outputs: Outputs,
    private readonly memory: ChatMemory,
    private readonly frames: Frames,
    private readonly finishing: Finishing,
  ) {}

  /** Settles when the run is over, or is not this process's any more. Never throws. */
  async run(control: RunControl): Promise<void> {
    const { envelope } = control.claimed;
    const { requestId, runId, organisationId, teamId, principal, traceparent } = envelope;
    const actor = `${principal.kind}:${principal.id}`;
    const context = { requestId, runId, organisationId, teamId, actor, ...(traceparent && { traceparent }) };
    await withContext(context, () =>
      this.attempt(control).catch((error: unknown) => {
        if (isStop(error)) log.failure(error, 'run left');
        else log.error({ error }, 'run left without an end');
      }),
    );
  }

  private async attempt(control: RunControl): Promise<void> {
    const { envelope, epoch, nowMs } = control.claimed;
    const clock = new RunClock(nowMs);
    const replay: Replay =
      epoch > 1
        ? await this.replays.read(envelope.runId)
        : { steps: new Map(), effects: new Map(), lastSeq: 1 };
    const journal = this.journal.open(envelope.runId, epoch, replay.lastSeq, {
      cancelRequested: () => control.cancel(),
      failed: (error) => control.stop(error),
    });
    control.journal = journal;
    if (epoch > 1)
      journal.pending.incident({ at: clock.iso(), type: 'run.taken_over', data: JSON.stringify({ epoch }) });
    const claimedMs = control.claimed.deadlineMs - envelope.limits.timeoutMs;
    const ended = await this.walk(control, clock, journal, replay);
    await this.finishing.finish(envelope, { journal, clock, claimedMs }, ended).catch((error: unknown) => {
      if (isStop(error)) throw error;
      log.error({ error }, 'results refused');
      journal.giveUp();
      const refused = {
        status: 'failed' as const,
        error: runError(error, envelope.requestId),
        tokensUsed: ended.tokensUsed,
      };
      return this.finishing.finish(envelope, { journal, clock, claimedMs }, refused);
    });
    control.emit?.(ended.status === 'succeeded' ? 'end' : 'error', endFrame(ended));
  }

  /** Walks the run, or says what kept it from being walked. @throws when it is not this process's any more */
  private async walk(
    control: RunControl,
    clock: RunClock,
    journal: RunJournal,
    replay: Replay,
  ): Promise<Ended> {
    const { envelope } = control.claimed;
    let attempt: RunAttempt | undefined;
    try {
      attempt = await this.prepare(control, clock, journal, replay);
      return await this.walked(attempt, control.signal);
    } catch (error) {
      const tokensUsed = attempt?.tokens.used ?? 0;
      const reason = control.signal.aborted ? control.signal.reason : error;
      if (!isCausewayError(reason) || !isStop(reason))
        return this.failed(reason, envelope.requestId, tokensUsed);
      if (reason.code === 'RUN_CANCELLED' || reason.code === 'RUN_TIMED_OUT')
        return stoppedBy(reason, envelope.requestId, tokensUsed);
      await journal.flush();
      throw reason;
    }
  }

  private failed(error: unknown, requestId: string, tokensUsed: number): Ended {
    log.failure(error, 'run failed');
    return { status: 'failed', error: runError(error, requestId), tokensUsed };
  }

  private async prepare(
    control: RunControl,
    clock: RunClock,
    journal: RunJournal,
    replay: Replay,
  ): Promise<RunAttempt> {
    const { envelope, epoch } = control.claimed;
    const input = RunInput.parse(JSON.parse(this.vault.open(await this.payloads.load(envelope.input))));
    const { plan, flowName } = await whenThere(control.signal, () => this.plans.get(envelope));
    const prepared = prepareRun(plan, input, envelope.flowId);
    if (!('plan' in prepared)) throw problemsError(prepared);
    const fields = await this.fields(control, input, prepared);
    const tokens = {
      used: [...replay.steps.values()].reduce((sum, step) => sum + (step.tokens?.output ?? 0), 0),
    };
    const halt = new AbortController();
    if (input.stream) control.emit = this.frames.of(envelope.runId, epoch, () => journal.pending.lastSeq);
    return {
      ...prepared,
      envelope,
      epoch,
      input,
      flowName,
      fields,
      clock,
      journal,
      replay,
      halt,
      signal: AbortSignal.any([control.signal, halt.signal]),
      tokens,
      underWay: control.underWay,
      surelyNew: new Set(),
      bytes: { used: 0 },
      emit: control.emit ?? nobody,
    };
  }

  private async fields(
    control: RunControl,
    input: RunInput,
    { plan, scope }: PreparedRun,
  ): Promise<RunAttempt['fields']> {
    const names = wantedVariables(plan, scope);
    const found =
      names.length === 0
        ? new Map()
        : await whenThere(control.signal, () => this.variables.find(control.claimed.envelope, input, names));
    const { fields, problems } = resolveFields(plan, scope, (name) => found.get(name));
    if (problems.length > 0) throw problemsError(problems);
    return fields;
  }

  private async walked(attempt: RunAttempt, stopped: AbortSignal): Promise<Ended> {
    const { envelope, plan, scope, tokens } = attempt;
    const walk = new Walk(attempt, {
      outputs: this.outputs,
      runNode: (values, start) => this.nodes.run(attempt, values, start),
    });
    const { finish, values, error } = await walk.run(stopped);
    if (finish.status !== 'succeeded') {
      attempt.halt.abort(causewayError('RUN_CANCELLED', {}));
      await walk.settled(SETTLE_MS);
      if (stopped.aborted) throw stopped.reason;
      if (error) this.showError(attempt, error);
      return { status: finish.status, tokensUsed: tokens.used, ...(error && { error }) };
    }
    const results = new Map<string, Readonly<Record<string, Json>>>();
    for (const [nodeId, path] of Object.entries(finish.results))
      results.set(nodeId, await values.values(path));
    const run = {
      runId: envelope.runId,
      flowId: envelope.flowId,
      sessionId: attempt.sessionId,
      inputValue: attempt.input.inputValue ?? '',
    };
    return {
      status: 'succeeded',
      answer: runAnswer(plan, scope, run, (id) => results.get(id)),
      tokensUsed: tokens.used,
    };
  }

  /** In a chat the failure is a message too. */
  private showError(attempt: RunAttempt, error: RunError): void {
    const { plan, scope, envelope } = attempt;
    if (!scope.outputs.some((id) => plan.nodes[id]?.type === 'ChatOutput')) return;
    const run = { runId: envelope.runId, sessionId: attempt.sessionId, flowId: envelope.flowId };
    const message = errorMessage(error, run, attempt.clock.iso());
    this.memory.of(attempt, '').store(message);
    attempt.emit('add_message', messageFrame(message, run));
  }
}

function stoppedBy(reason: Error & { readonly code: string }, requestId: string, tokensUsed: number): Ended {
  const status = reason.code === 'RUN_CANCELLED' ? 'cancelled' : 'timed_out';
  return { status, error: runError(reason, requestId), tokensUsed };
}

function endFrame(ended: Ended): Json {
  return ended.status === 'succeeded'
    ? { result: ended.answer ?? null }
    : { error: ended.error?.message ?? '' };
}

/** Asks again while the other side is away: the run's deadline ends the waiting. */
async function whenThere<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = isCausewayError(error) && (error.code === 'UNAVAILABLE' || error.code === 'TIMED_OUT');
      if (!isAway) throw error;
      log.warn({ error }, 'waiting for what a run needs');
      await sleep(RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

function nobody(): void {}
