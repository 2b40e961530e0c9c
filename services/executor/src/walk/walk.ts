import type { ComponentResult } from '@causeway/components/runtime';
import { causewayError } from '@causeway/contracts';
import type { RunError } from '@causeway/contracts';
import { assertNever, beginRun, decide, isCausewayError } from '@causeway/dag';
import type { Json, PlanNode, RunCommand, RunEvent, RunState } from '@causeway/dag';
import { waitAtMost } from '@causeway/platform';
import { isHandle } from '../domain/prepare/node-inputs.js';
import type { OutputValue, StartCommand } from '../domain/prepare/node-inputs.js';
import { readPayloadColumn } from '../domain/journal/payload-column.js';
import { nodeResult } from '../domain/ending/run-answer.js';
import { isStop, nodeError } from '../domain/ending/run-error.js';
import type { Outputs } from './values/outputs.js';
import type { RunAttempt } from './run-attempt.js';
import { RunValues } from './values/run-values.js';
import { named } from './step-calls.js';

type FinishCommand = Extract<RunCommand, { type: 'finish' }>;

/** How the execution of a run's graph ended. */
export interface WalkEnd {
  readonly finish: FinishCommand;
  readonly values: RunValues;
  readonly error?: RunError;
}

/** The operations that a walk uses. */
export interface WalkTools {
  readonly outputs: Outputs;
  readonly runNode: (values: RunValues, start: StartCommand) => Promise<ComponentResult>;
}

/**
 * Executes a run's graph: it carries out the reducer's commands until the reducer returns `finish`. Steps that an earlier attempt has
 * journaled are reported to the reducer from the journal; all others are executed.
 */
export class Walk {
  readonly values: RunValues;
  private state: RunState;
  private readonly events: RunEvent[] = [];
  private readonly running = new Set<Promise<void>>();
  private error: RunError | undefined;
  private isDeciding = false;
  private isOver = false;
  private readonly ended = Promise.withResolvers<FinishCommand>();

  constructor(
    private readonly attempt: RunAttempt,
    private readonly tools: WalkTools,
  ) {
    this.state = beginRun(attempt.plan, attempt.scope);
    this.values = new RunValues({
      load: async (path) =>
        (await tools.outputs.load(
          attempt.envelope.organisationId,
          attempt.replay.steps.get(path)?.outputs,
        )) as never,
      rebuild: async (start, outputs) =>
        (await tools.runNode(this.values, { ...start, outputs })).outputs as never,
    });
  }

  /**
   * Executes until the end.
   *
   * @param signal  also ends the execution: as cancelled or timed out, or, when this runner does not own the run any more, by throwing its reason
   */
  async run(signal: AbortSignal): Promise<WalkEnd> {
    const stop = (): void => this.stop(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    this.tell({ type: 'begin' });
    try {
      const finish = await this.ended.promise;
      return { finish, values: this.values, ...(this.error && { error: this.error }) };
    } finally {
      this.isOver = true;
      signal.removeEventListener('abort', stop);
    }
  }

  /** Settles when every node that was started has ended, or after the given time: a node that ignores its signal is not awaited longer. */
  async settled(withinMs: number): Promise<void> {
    if (this.running.size === 0) return;
    await waitAtMost(Promise.all(this.running), withinMs);
  }

  private stop(reason: unknown): void {
    const code = isCausewayError(reason) ? reason.code : undefined;
    if (code === 'RUN_CANCELLED') this.tell({ type: 'stop', status: 'cancelled' });
    else if (code === 'RUN_TIMED_OUT') this.tell({ type: 'stop', status: 'timed_out' });
    else this.ended.reject(reason);
  }

  /** Events that arrive during a decision are queued, not handled by recursion: chains of journaled steps may be long. */
  private tell(event: RunEvent): void {
    this.events.push(event);
    if (this.isDeciding) return;
    this.isDeciding = true;
    try {
      for (let next = this.events.shift(); next; next = this.events.shift()) {
        const { state, commands } = decide(this.attempt.plan, this.attempt.scope, this.state, next);
        this.state = state;
        for (const command of commands) this.carryOut(command);
      }
    } catch (error) {
      this.ended.reject(error);
    } finally {
      this.isDeciding = false;
    }
  }

  private carryOut(command: RunCommand): void {
    switch (command.type) {
      case 'start':
        this.values.started(command);
        if (!this.again(command)) this.start(command);
        break;
      case 'skip':
        this.skip(command);
        break;
      case 'finish':
        if (command.overLimit) this.error = this.tooManyVisits(command.overLimit);
        this.isOver = true;
        this.ended.resolve(command);
        break;
      default:
        assertNever(command);
    }
  }

  /** Reports a step's result from the journal; false when the journal has none. */
  private again({ path }: StartCommand): boolean {
    const known = this.attempt.replay.steps.get(path);
    if (!known) return false;
    if (known.status === 'succeeded') {
      const { closedOutputs, items } = known;
      this.events.push({ type: 'succeeded', path, closedOutputs, ...(items === undefined ? {} : { items }) });
    } else {
      this.error = JSON.parse(known.error ?? '{}') as RunError;
      this.events.push({ type: 'failed', path, code: this.error.code });
    }
    return true;
  }

  private start(start: StartCommand): void {
    const running = this.visit(start).finally(() => this.running.delete(running));
    this.running.add(running);
  }

  private async visit(start: StartCommand): Promise<void> {
    const { attempt } = this;
    const { path } = start;
    const node = attempt.plan.nodes[start.nodeId] as PlanNode;
    const startedAt = attempt.clock.iso();
    attempt.underWay.set(path, { path, node, startedAt, startedMs: performance.now(), isAnnounced: false });
    const sources = [...start.inputs.flatMap((input) => input.sources), ...(start.gather ?? [])];
    if (sources.some((source) => attempt.surelyNew.has(source.path))) attempt.surelyNew.add(path);
    const row = { path, ...named(node), startedAt };
    try {
      const result = await this.tools.runNode(this.values, start);
      const { value, column } = await this.tools.outputs.store(
        attempt,
        node,
        withoutHandles(node, start, result),
      );
      if (this.isOver) return;
      this.show(node, value as Readonly<Record<string, Json>>, column);
      this.values.put(path, { ...(value as object), ...handlesOf(result) });
      const { closedOutputs = [], items } = result;
      attempt.journal.pending.step({
        ...row,
        status: 'succeeded',
        outputs: column,
        finishedAt: attempt.clock.iso(),
        ...(closedOutputs.length > 0 && { closedOutputs }),
        ...(items === undefined ? {} : { items }),
      });
      this.tell({ type: 'succeeded', path, closedOutputs, ...(items === undefined ? {} : { items }) });
    } catch (error) {
      if (this.isOver || attempt.signal.aborted) return;
      if (isStop(error)) return this.ended.reject(error);
      this.error = nodeError(node, error, attempt.envelope.requestId);
      attempt.journal.pending.step({
        ...row,
        status: 'failed',
        error: JSON.stringify(this.error),
        finishedAt: attempt.clock.iso(),
      });
      this.tell({ type: 'failed', path, code: this.error.code });
    } finally {
      attempt.underWay.delete(path);
    }
  }

  /** Sends readers a frame that a node has finished, with its result unless that is long. */
  private show(node: PlanNode, outputs: Readonly<Record<string, Json>>, column: string): void {
    const { envelope, input, sessionId, clock, isShown, emit } = this.attempt;
    if (!isShown) return;
    const { runId, flowId } = envelope;
    const run = { runId, flowId, sessionId, inputValue: input.inputValue };
    const isLong = !('inline' in readPayloadColumn(column));
    const data = isLong ? null : nodeResult(node, outputs, run);
    emit('end_vertex', { build_data: { id: node.id, valid: true, data, timestamp: clock.iso() } });
  }

  private tooManyVisits({ nodeId, limit }: NonNullable<FinishCommand['overLimit']>): RunError {
    const node = this.attempt.plan.nodes[nodeId] as PlanNode;
    const error = causewayError('LIMIT_STEPS', {
      node: node.displayName,
      limit,
      what: 'visits in a cycle; lead the default route of its If-Else out of the cycle',
    });
    return nodeError(node, error, this.attempt.envelope.requestId);
  }

  private skip({ path, nodeId }: Extract<RunCommand, { type: 'skip' }>): void {
    const { attempt } = this;
    if (attempt.replay.steps.has(path)) return;
    const node = attempt.plan.nodes[nodeId] as PlanNode;
    attempt.journal.pending.step({
      path,
      ...named(node),
      status: 'skipped',
      finishedAt: attempt.clock.iso(),
    });
  }
}

/** A result as the journal keeps it: live objects leave only their names. */
function withoutHandles(
  node: PlanNode,
  start: StartCommand,
  result: ComponentResult,
): Record<string, unknown> {
  const kept = Object.create(null) as Record<string, unknown>;
  for (const name of start.outputs) {
    const output: OutputValue = Object.hasOwn(result.outputs, name)
      ? (result.outputs[name] as OutputValue)
      : undefined;
    if (output !== undefined) kept[name] = isHandle(output) ? null : output;
    else if (!result.closedOutputs?.includes(name))
      throw causewayError('NODE_FAILED', {
        node: node.displayName,
        problem: `it returned no value for its output ${name}; this is a fault of the component ${node.type}.`,
      });
  }
  return kept;
}

function handlesOf(result: ComponentResult): Record<string, OutputValue> {
  return Object.fromEntries(Object.entries(result.outputs).filter(([, output]) => isHandle(output))) as never;
}
