import type { Json } from '@causeway/dag';
import { isCausewayError } from '@causeway/dag';
import { log, withContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { isStop, runError } from '../domain/ending/run-error.js';
import type { Replay } from '../store/replay.store.js';
import { Attempts } from './attempts.js';
import type { BegunAttempt } from './attempts.js';
import { Finishing } from './finishing.js';
import type { Ended } from './finishing.js';
import type { RunControl } from '../runner/claims/run-control.js';
import { checkTokens } from './step-calls.js';
import { Walking } from './walking.js';

/** Makes one attempt at a run, from its envelope to its end. */
@Injectable()
export class RunFlow {
  constructor(
    private readonly attempts: Attempts,
    private readonly walking: Walking,
    private readonly finishing: Finishing,
  ) {}

  /** Settles when the run is over, or when this process does not own it any more. Never throws. */
  async run(control: RunControl): Promise<void> {
    const { requestId, runId, organisationId, teamId, principal, traceparent } = control.claimed.envelope;
    const actor = `${principal.kind}:${principal.id}`;
    const mask = (text: string): string => control.mask(text);
    const ids = { requestId, runId, organisationId, teamId, actor };
    const context = { ...ids, mask, ...(traceparent && { traceparent }) };
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
    const begun = await this.attempts.begin(control);
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

  /** Executes the run, or returns why it could not be executed. @throws when this process does not own it any more */
  private async walk(control: RunControl, begun: BegunAttempt): Promise<Ended> {
    const { requestId } = control.claimed.envelope;
    const tokens = { used: tokensOf(begun.replay) };
    try {
      // An earlier attempt may have died between the call that exceeded the limit and the end of the run that follows from it.
      checkTokens(tokens.used, control.claimed.envelope.limits.maxTokens);
      const attempt = await this.attempts.prepare(control, begun, tokens);
      return await this.walking.walk(attempt, control.signal);
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
