import { causewayError } from '@causeway/contracts';
import type { RunError } from '@causeway/contracts';
import type { Json } from '@causeway/dag';
import { isCausewayError } from '@causeway/dag';
import { log, withContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { errorMessage, messageFrame } from '../domain/error-message.js';
import { runAnswer } from '../domain/run-answer.js';
import { isStop, runError } from '../domain/run-error.js';
import { ReplayStore } from '../store/replay.store.js';
import type { Replay } from '../store/replay.store.js';
import { ChatMemory } from './chat-memory.js';
import { Finishing } from './finishing.js';
import type { Ended } from './finishing.js';
import { Frames } from './frames.js';
import { Journal } from './journal.js';
import { NodeRunner } from './node-runner.js';
import { Outputs } from './outputs.js';
import { Preparing } from './preparing.js';
import type { RunAttempt } from './run-attempt.js';
import { RunClock } from './run-clock.js';
import type { RunControl } from '../runner/run-control.js';
import { checkTokens } from './step-calls.js';
import { Walk } from './walk.js';

/** What an attempt has before it knows what it walks. */
type Begun = Pick<RunAttempt, 'clock' | 'journal' | 'replay' | 'intents'>;

/** Nodes of a run that is over have so long to heed their signal. */
const SETTLE_MS = 1_000;

/** Makes one attempt at a run, from its envelope to its end. */
@Injectable()
export class RunFlow {
  constructor(
    private readonly preparing: Preparing,
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
    const { requestId, runId, organisationId, teamId, principal, traceparent } = control.claimed.envelope;
    const actor = `${principal.kind}:${principal.id}`;
    const context = { requestId, runId, organisationId, teamId, actor, ...(traceparent && { traceparent }) };
    await withContext(context, () =>
      this.attempt(control)
        .catch((error: unknown) => {
          if (isStop(error)) log.failure(error, 'run left');
          else log.error({ error }, 'run left without an end');
        })
        .finally(() => control.outlet?.close()),
    );
  }

  private async attempt(control: RunControl): Promise<void> {
    const { envelope } = control.claimed;
    const begun = await this.begin(control);
    const { clock, journal, intents } = begun;
    const ended = await this.walk(control, begun);
    for (const effect of intents.values())
      journal.pending.effect({ ...effect, state: 'unknown', settledAt: clock.iso() });
    const claimedMs = control.claimed.deadlineMs - envelope.limits.timeoutMs;
    const run = { journal, clock, claimedMs };
    await this.finishing.finish(envelope, run, ended).catch((error: unknown) => {
      if (isStop(error)) throw error;
      log.error({ error }, 'results refused');
      journal.giveUp();
      const refused = runError(error, envelope.requestId);
      return this.finishing.finish(envelope, run, {
        status: 'failed',
        error: refused,
        tokensUsed: ended.tokensUsed,
      });
    });
    control.outlet?.emit(...endFrame(ended));
  }

  /** Opens the journal, with what earlier attempts left in it. */
  private async begin(control: RunControl): Promise<Begun> {
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
    const intents = new Map([...replay.effects].filter(([, effect]) => effect.state === 'intent'));
    return { clock, journal, replay, intents };
  }

  /** Walks the run, or says what kept it from being walked. @throws when it is not this process's any more */
  private async walk(control: RunControl, begun: Begun): Promise<Ended> {
    const { requestId } = control.claimed.envelope;
    const tokens = { used: tokensOf(begun.replay) };
    try {
      // An attempt before this one may have died between the call that passed the limit and the end that it means.
      checkTokens(tokens.used, control.claimed.envelope.limits.maxTokens);
      const attempt = await this.attemptOf(control, begun, tokens);
      return await this.walked(attempt, control.signal);
    } catch (error) {
      const reason: unknown = control.signal.aborted ? control.signal.reason : error;
      if (!isStop(reason)) {
        log.failure(reason, 'run failed');
        return { status: 'failed', error: runError(reason, requestId), tokensUsed: tokens.used };
      }
      const status = stoppedStatus(reason);
      if (status) return { status, error: runError(reason, requestId), tokensUsed: tokens.used };
      await begun.journal.flush();
      throw reason;
    }
  }

  private async attemptOf(
    control: RunControl,
    begun: Begun,
    tokens: RunAttempt['tokens'],
  ): Promise<RunAttempt> {
    const { envelope, epoch } = control.claimed;
    const prepared = await this.preparing.prepare(control);
    const lastSeq = (): number => begun.journal.pending.lastSeq;
    const isShown = prepared.input.stream || envelope.live === true;
    if (isShown) control.outlet = this.frames.open(envelope, epoch, lastSeq);
    const halt = new AbortController();
    return {
      ...prepared,
      ...begun,
      envelope,
      epoch,
      halt,
      signal: AbortSignal.any([control.signal, halt.signal]),
      tokens,
      underWay: control.underWay,
      surelyNew: new Set(),
      paid: { committed: Promise.resolve() },
      bytes: { used: 0 },
      isShown,
      emit: control.outlet?.emit ?? nobody,
    };
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
    const answer = runAnswer(plan, scope, run, (id) => results.get(id));
    return { status: 'succeeded', answer, tokensUsed: tokens.used };
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

function tokensOf(replay: Replay): number {
  return [...replay.steps.values()].reduce((sum, step) => sum + (step.tokens?.output ?? 0), 0);
}

function stoppedStatus(reason: unknown): 'cancelled' | 'timed_out' | undefined {
  const code = isCausewayError(reason) ? reason.code : undefined;
  if (code === 'RUN_CANCELLED') return 'cancelled';
  return code === 'RUN_TIMED_OUT' ? 'timed_out' : undefined;
}

function endFrame(ended: Ended): [event: string, data: Json] {
  return ended.status === 'succeeded'
    ? ['end', { result: ended.answer ?? null }]
    : ['error', { error: ended.error?.message ?? '' }];
}

function nobody(): void {}
