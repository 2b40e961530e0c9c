import type { Plan } from '../plan.js';
import type { RunCommand, RunEvent, RunScope } from '../run.js';
import type { RunState } from '../decide/run-state.js';
import { Journal, rowsTooEarly } from './journal.js';
import type { Random } from './random.js';
import type { Reducer } from './reducer.js';
import type { World, WorldResult } from './world.js';

type Start = RunCommand & { type: 'start' };
type Finish = RunCommand & { type: 'finish' };

// Far more than the largest random flow needs: a run that reaches it repeats for ever.
const mostActions = 20_000;

/**
 * A caller of the reducer that suffers every fault of processes and networks, and checks the commands that it receives.
 */
export class Faulty {
  readonly violations: string[] = [];
  readonly journal = new Journal();
  steps = 0;
  deaths = 0;
  stopped = false;
  finish: Finish | undefined;
  #state: RunState;
  #running: Start[] = [];
  /** Reports that have not arrived, and those that were lost until they are requested again. */
  #reports: RunEvent[] = [];
  #unheard: RunEvent[] = [];
  /** Paths that this process was asked to start or to skip. */
  #requested = new Set<string>();

  constructor(
    readonly plan: Plan,
    readonly scope: RunScope,
    readonly world: World,
    readonly random: Random,
    readonly reducer: Reducer,
  ) {
    this.#state = reducer.beginRun(plan, scope);
  }

  run(): void {
    this.#deliver({ type: 'begin' });
    const stopAfter = this.random.chance(5) ? this.random.below(20) : undefined;
    for (let action = 0; this.finish === undefined && this.violations.length === 0; action++) {
      if (action === mostActions) this.violations.push('The run does not end.');
      else if (action === stopAfter) this.#stop();
      else this.#act();
    }
    if (this.finish === undefined) return;
    if (this.finish.status === 'succeeded' && this.#running.length > 0) {
      this.violations.push(`The run succeeded while ${this.#running[0]?.path} still ran.`);
    }
    for (const late of [...this.#reports, ...this.#unheard]) this.#deliver(late);
    this.violations.push(...rowsTooEarly(this.plan, this.journal));
  }

  #act(): void {
    const fault = this.random.below(100);
    if (fault < 4 && this.deaths < 4) return this.#die();
    if (fault < 10) this.#state = JSON.parse(JSON.stringify(this.#state)) as RunState;
    if (fault < 25) this.journal.commit();
    if (this.#running.length > 0 && this.random.chance(55)) return this.#complete();
    if (this.#reports.length > 0) {
      const [report] = this.#reports.splice(this.random.below(this.#reports.length), 1);
      return this.#deliver(report as RunEvent);
    }
    if (this.#unheard.length > 0) {
      this.#reports = this.#unheard.splice(0);
      return;
    }
    if (this.#running.length === 0)
      this.violations.push('Nothing runs, nothing is reported, and the run has not ended.');
  }

  /** Ends one of the running steps, chosen at random: first the journal, then the report. */
  #complete(): void {
    const [start] = this.#running.splice(this.random.below(this.#running.length), 1) as [Start];
    if (this.journal.isCommitted(start.path))
      this.violations.push(`${start.path} ran again though committed.`);
    this.steps++;
    const result = this.world.run({ ...start, inputs: this.#valuesFor(start) });
    if (!result.fails)
      this.journal.add({ path: start.path, nodeId: start.nodeId, value: result.value, result });
    const report = reportOf(start, result);
    if (this.random.chance(12)) this.#unheard.push(report);
    else this.#reports.push(report);
    if (this.random.chance(12)) this.#reports.push(report);
  }

  #valuesFor(start: Start): [string, string[]][] {
    const read = ({ path, output, index }: { path: string; output: string; index?: number }): string => {
      const row = this.journal.find(path);
      if (row?.value === undefined) this.violations.push(`${start.path} reads ${path}, which has no result.`);
      else if (row.result?.closedOutputs.includes(output))
        this.violations.push(`${start.path} reads ${path}.${output}, which is closed.`);
      return `${row?.value}.${output}${index === undefined ? '' : `@${index}`}`;
    };
    if (start.phase === 'close') return [['gather', (start.gather ?? []).map(read)]];
    return start.inputs.map(({ field, sources }) => [field, sources.map(read)]);
  }

  #die(): void {
    this.deaths++;
    this.journal.die((most) => this.random.below(most + 1));
    this.#running = [];
    this.#reports = [];
    this.#unheard = [];
    this.#requested = new Set();
    this.#state = this.reducer.beginRun(this.plan, this.scope);
    this.#deliver({ type: 'begin' });
  }

  #stop(): void {
    this.stopped = true;
    this.#deliver({ type: 'stop', status: 'cancelled' });
    if (this.finish?.status !== 'cancelled') this.violations.push('A stopped run continues.');
  }

  #deliver(event: RunEvent): void {
    const over = this.finish !== undefined;
    const { state, commands } = this.reducer.decide(this.plan, this.scope, this.#state, event);
    this.#state = state;
    if (over && commands.length > 0)
      this.violations.push(`After its end the run asks for ${commands[0]?.type}.`);
    for (const command of commands) {
      if (command.type === 'finish') this.finish = command;
      else this.#obey(command);
    }
  }

  #obey(command: Exclude<RunCommand, Finish>): void {
    if (this.#requested.has(command.path)) this.violations.push(`${command.path} was requested twice.`);
    this.#requested.add(command.path);
    const row = this.journal.find(command.path);
    if (row !== undefined && (row.value === undefined) !== (command.type === 'skip')) {
      this.violations.push(
        `${command.path} was ${row.value === undefined ? 'skipped' : 'run'} before the crash, but not now.`,
      );
    }
    if (command.type === 'skip') {
      if (row === undefined) this.journal.add({ ...command, value: undefined, result: undefined });
    } else if (row?.result === undefined) this.#running.push(command);
    // A committed result is reported, not computed again.
    else this.#reports.push(reportOf(command, row.result));
  }
}

function reportOf(start: Start, result: WorldResult): RunEvent {
  const { path } = start;
  if (result.fails) return { type: 'failed', path, code: 'SIMULATED' };
  return {
    type: 'succeeded',
    path,
    closedOutputs: result.closedOutputs,
    ...(start.phase === 'open' && { items: result.items }),
  };
}
