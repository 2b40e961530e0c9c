import type { StepAnswer, StepCall } from '@causeway/components/runtime';
import { causewayError } from '@causeway/contracts';
import type { Json, PlanNode } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { idempotencyKey, requestHash } from '../domain/journal/derived-id.js';
import type { EffectRow } from '../domain/journal/journal-rows.js';
import { isStop, readCallError, writeCallError } from '../domain/ending/run-error.js';
import { ReplayStore } from '../store/replay.store.js';
import type { JournaledStep } from '../store/replay.store.js';
import { Outputs } from './values/outputs.js';
import type { RunAttempt } from './run-attempt.js';

/** Makes one call inside a node. The calls of a node are numbered in the order in which they begin. */
export type MakeCall = (call: StepCall) => Promise<StepAnswer>;

/**
 * Calls inside nodes: each is a step of its own. Answers that an earlier attempt has journaled are returned without a call, as long as the
 * requests are the same; at the first different request, the remaining answers are dropped and the calls are made again.
 */
@Injectable()
export class StepCalls {
  constructor(
    private readonly replays: ReplayStore,
    private readonly outputs: Outputs,
  ) {}

  /** The calls of one node's visit, or of one call inside another. */
  of(attempt: RunAttempt, node: PlanNode, parent: string): MakeCall {
    let count = 0;
    return (call) => this.make(attempt, node, parent, ++count, call);
  }

  private async make(
    attempt: RunAttempt,
    node: PlanNode,
    parent: string,
    index: number,
    call: StepCall,
  ): Promise<StepAnswer> {
    const path = `${parent}/${index}`;
    const hash = requestHash(call);
    const known = attempt.replay.steps.get(path);
    if (known?.requestHash === hash) return this.again(attempt, known);
    if (known) await this.drop(attempt, parent, index);
    attempt.signal.throwIfAborted();
    // If the journal has the answer to another request here, no earlier attempt has sent this one: it would have dropped that answer first.
    const possiblyPaidTwice = !known && mayHaveBeenMade(attempt, { parent, path }, call);
    return this.call(attempt, node, { parent, path, hash, possiblyPaidTwice }, call);
  }

  /** The answer from the journal. */
  private async again(attempt: RunAttempt, step: JournaledStep): Promise<StepAnswer> {
    if (step.status !== 'succeeded') throw readCallError(step.error ?? '{}');
    return {
      answer: (await this.outputs.load(attempt.envelope.organisationId, step.outputs)) as Json,
      ...(step.tokens && { tokens: step.tokens }),
      ...(step.model && { model: step.model }),
    };
  }

  private async call(
    attempt: RunAttempt,
    node: PlanNode,
    at: { parent: string; path: string; hash: string; possiblyPaidTwice: boolean },
    call: StepCall,
  ): Promise<StepAnswer> {
    const { path, hash, possiblyPaidTwice } = at;
    const { clock, journal, envelope } = attempt;
    // At most one paid call is not committed yet, so a crash can cut off only that one, and the next attempt marks only that one.
    if (call.kind === 'model') {
      await attempt.paid.committed;
      attempt.signal.throwIfAborted();
    }
    const key = idempotencyKey(envelope.runId, path, hash);
    const startedAt = clock.iso();
    const row = {
      path,
      ...named(node),
      nodeName: call.name,
      requestHash: hash,
      startedAt,
      possiblyPaidTwice,
    };
    const effect = await this.intend(attempt, node, { path, hash, key }, call);
    const settle = (state: EffectRow['state']): void => {
      if (!effect) return;
      journal.pending.effect({ ...effect, state, settledAt: clock.iso() });
      attempt.intents.delete(path);
    };
    attempt.underWay.set(path, { path, node, startedAt, startedMs: performance.now(), isAnnounced: false });
    let given: StepAnswer | undefined;
    try {
      const step = this.of(attempt, node, path);
      given = await call.call({ idempotencyKey: key, signal: attempt.signal, step });
      const { value, column } = await this.outputs.store(attempt, node, given.answer);
      settle('confirmed');
      journal.pending.step({
        ...row,
        status: 'succeeded',
        outputs: column,
        finishedAt: clock.iso(),
        ...(given.tokens && { tokens: given.tokens }),
        ...(given.model && { model: given.model }),
      });
      given = { ...given, answer: value };
    } catch (thrown) {
      // The error that is journaled is also the one that is thrown, so that a resumed run fails with the same words.
      const error: unknown = attempt.secrets.maskError(thrown);
      const isStopped = attempt.signal.aborted || isStop(error);
      // A call that was cut off may still have arrived.
      settle(given ? 'confirmed' : isStopped ? 'unknown' : 'failed');
      if (!isStopped) {
        const text = writeCallError(error, envelope.requestId);
        journal.pending.step({ ...row, status: 'failed', error: text, finishedAt: clock.iso() });
      }
      throw error;
    } finally {
      attempt.underWay.delete(path);
      attempt.surelyNew.add(at.parent).add(path);
    }
    // A paid answer is committed at once, so that no crash makes it be paid again; only the next paid call waits for the commit.
    attempt.paid.committed = journal.flush();
    attempt.paid.committed.catch(() => {});
    this.countTokens(attempt, given);
    return given;
  }

  /**
   * Before a call that changes the outside world: commits the intent to make it. If an earlier attempt left an intent without an outcome,
   * the outcome is unknown: a call with an idempotency key is made again; without one the run fails, since only a person can decide.
   */
  private async intend(
    attempt: RunAttempt,
    node: PlanNode,
    { path, hash, key }: { path: string; hash: string; key: string },
    call: StepCall,
  ): Promise<EffectRow | undefined> {
    if (call.effects !== 'keyed' && call.effects !== 'unsafe') return undefined;
    const { clock, journal } = attempt;
    const before = attempt.replay.effects.get(path);
    const isUnsettled = before?.state === 'intent' || before?.state === 'unknown';
    if (before && isUnsettled) {
      const at = clock.iso();
      const data = JSON.stringify({ name: call.name, effects: call.effects });
      journal.pending.incident({ at, type: 'effect.unknown', path, data });
      journal.pending.effect({ ...before, state: 'unknown', settledAt: at });
      attempt.intents.delete(path);
      if (call.effects === 'unsafe') {
        await journal.flush();
        throw causewayError('EFFECT_UNKNOWN', { node: node.displayName, what: call.name });
      }
    }
    const effect: EffectRow = {
      path,
      state: 'intent',
      effects: call.effects,
      name: call.name,
      idempotencyKey: key,
      requestHash: hash,
      intendedAt: clock.iso(),
    };
    journal.pending.effect(effect);
    attempt.intents.set(path, effect);
    await journal.flush();
    attempt.signal.throwIfAborted();
    return effect;
  }

  /** Drops a call's journaled answer and those of all that came after it in the same node. */
  private async drop(attempt: RunAttempt, parent: string, from: number): Promise<void> {
    const prefix = `${parent}/`;
    const paths = [...attempt.replay.steps.keys()].filter(
      (path) => path.startsWith(prefix) && Number.parseInt(path.slice(prefix.length), 10) >= from,
    );
    for (const path of paths) attempt.replay.steps.delete(path);
    const { runId } = attempt.envelope;
    if (!(await this.replays.drop(runId, attempt.epoch, paths))) throw causewayError('LEASE_LOST', { runId });
  }

  /** Calls at the same time do not know each other's tokens; if together they exceed the limit, the run ends. */
  private countTokens(attempt: RunAttempt, { tokens }: StepAnswer): void {
    attempt.tokens.used += tokens?.output ?? 0;
    checkTokens(attempt.tokens.used, attempt.envelope.limits.maxTokens);
  }
}

/** Whether an earlier attempt may have made a call whose answer is not in the journal. */
function mayHaveBeenMade(attempt: RunAttempt, at: { parent: string; path: string }, call: StepCall): boolean {
  if (attempt.epoch === 1 || attempt.surelyNew.has(at.parent)) return false;
  // A call that changes the outside world was not made if its intent is missing.
  const leavesIntent = call.effects === 'keyed' || call.effects === 'unsafe';
  return !leavesIntent || attempt.replay.effects.has(at.path);
}

/** Throws LIMIT_TOKENS when a run has used more than it may. */
export function checkTokens(used: number, limit: number): void {
  if (used > limit) throw causewayError('LIMIT_TOKENS', { used, limit });
}

/** A node as step rows name it. */
export function named(node: PlanNode): { nodeId: string; nodeType: string; nodeName: string } {
  return { nodeId: node.id, nodeType: node.type, nodeName: node.displayName };
}
