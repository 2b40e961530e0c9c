import { assertNever } from '../errors.js';
import { reachable } from '../compile/graph/find-cycles.js';
import type { Plan } from '../plan.js';
import { maxVisits, type RunCommand, type RunEvent, type RunScope } from '../run.js';
import { type FrameState, newFrame, NodeStatus, type RunState } from './run-state.js';
import { emptyRecord, entryOf } from '../safe-record.js';
import { visitOf } from './step-path.js';
import { bindField, isOpen, lastPath, type WalkPlace } from './walk-inputs.js';
import { exclude, waysBack } from './walk-routing.js';
import { type FrameLayout, type LayoutNode, layoutOf, type WalkLayout } from './walk-layout.js';

type FinishCommand = Extract<RunCommand, { type: 'finish' }>;

/**
 * Applies one event to a run's state, which it changes in place.
 *
 * Nodes settle (run or are skipped) after all of their predecessors, whatever routers decide in between. The next
 * round of a cycle begins when all nodes after its feedback edge have settled. So only the results decide what a run
 * does, never the order in which they arrive.
 */
export class Walk {
  readonly commands: RunCommand[] = [];
  readonly #layout: WalkLayout;
  readonly #place: WalkPlace;
  /** Nodes whose predecessors have all settled, not examined yet; a list, since chains may be 10,000 nodes long. */
  readonly #ready: { frame: string; place: number }[] = [];
  readonly #finished: string[] = [];

  constructor(
    readonly plan: Plan,
    scope: RunScope,
    readonly state: RunState,
  ) {
    this.#layout = layoutOf(plan, scope);
    this.#place = { state, layout: this.#layout };
  }

  take(event: RunEvent): void {
    if (this.state.phase === 'ended') return;
    switch (event.type) {
      case 'begin':
        if (this.state.phase === 'new') this.#begin();
        break;
      case 'succeeded':
        this.#succeed(event);
        break;
      case 'failed':
        // The caller aborts what still runs: a failed run's answer is the failure.
        if (this.#ended(event.path) !== undefined) this.#finish('failed', { failedPath: event.path });
        break;
      case 'stop':
        this.#finish(event.status);
        break;
      default:
        assertNever(event);
    }
  }

  #begin(): void {
    this.state.phase = 'walking';
    this.#openFrame('', { loop: '', parent: '', step: '', index: 0 });
    this.#proceed();
  }

  #succeed(event: RunEvent & { type: 'succeeded' }): void {
    const step = this.#ended(event.path);
    if (step === undefined) return;
    const { frame, node } = this.#at(step.frame, step.place);
    if (step.phase === 'open') {
      const items = this.#layout.frames.has(node.node.id) ? (event.items ?? 0) : 0;
      frame.loops[step.place] = { items, gathered: [] };
      this.#nextIteration(step.frame, step.place, event.path);
    } else {
      if (step.phase === 'close') delete frame.loops[step.place];
      this.#settleDone(step.frame, step.place, event.path, event.closedOutputs ?? []);
    }
    this.#proceed();
  }

  /** Removes a step from the running ones; undefined for a second report of the same end. */
  #ended(path: string): RunState['running'][string] | undefined {
    const step = entryOf(this.state.running, path);
    if (step !== undefined) delete this.state.running[path];
    return step;
  }

  #proceed(): void {
    while (this.state.phase !== 'ended') {
      const ready = this.#ready.pop();
      if (ready !== undefined) {
        this.#reach(ready.frame, ready.place);
        continue;
      }
      const finished = this.#finished.pop();
      if (finished === undefined) return;
      if (finished === '') this.#finish('succeeded');
      else this.#closeIteration(finished);
    }
  }

  #openFrame(key: string, about: Pick<FrameState, 'loop' | 'parent' | 'step' | 'index'>): void {
    const layout = this.#frameLayout(about.loop);
    this.state.frames[key] = newFrame(layout, about);
    this.#makeReady(key, layout.roots);
    if (layout.nodes.length === 0) this.#finished.push(key);
  }

  /** Adds nodes that can run. The list is read from its end, so the lowest place is added last. */
  #makeReady(key: string, places: readonly number[]): void {
    for (let index = places.length - 1; index >= 0; index--) {
      this.#ready.push({ frame: key, place: places[index] as number });
    }
  }

  /** Runs or skips a node. */
  #reach(key: string, place: number): void {
    const { frame, node } = this.#at(key, place);
    const visit = (frame.visits[place] as number) + 1;
    frame.visits[place] = visit;
    const path = key + visitOf(node.node.path, visit);
    const nodeId = node.node.id;
    if (visit > maxVisits) {
      this.#finish('failed', { failedPath: path, overLimit: { nodeId, limit: maxVisits } });
      return;
    }
    if (this.#isClosedOff(frame, place, node)) {
      frame.status[place] = NodeStatus.skipped;
      this.commands.push({ type: 'skip', path, nodeId });
      this.#settle(key, place);
      return;
    }
    frame.status[place] = NodeStatus.running;
    this.state.running[path] = { frame: key, place, ...(node.isLoop && { phase: 'open' }) };
    this.commands.push({
      type: 'start',
      path,
      nodeId,
      visit,
      inputs: node.fields.map((field) => bindField(this.#place, key, field)),
      outputs: node.isLoop ? [node.item] : node.node.usedOutputs,
      ...(node.isLoop && { phase: 'open' }),
    });
  }

  /** True when a router excludes the node, or when it waits for others and every edge from them is closed. */
  #isClosedOff(frame: FrameState, place: number, node: LayoutNode): boolean {
    if ((frame.excluded[place] as number) > 0) return true;
    if (node.arrivals.length === 0 || entryOf(frame.returned, String(place)) !== undefined) return false;
    return node.arrivals.every(({ source, output }) => !isOpen(frame, source, output));
  }

  #settleDone(key: string, place: number, path: string, closedOutputs: readonly string[]): void {
    const { frame, node } = this.#at(key, place);
    const layout = this.#frameLayout(frame.loop);
    frame.status[place] = NodeStatus.done;
    if (closedOutputs.length > 0) frame.closed[place] = closedOutputs;
    else delete frame.closed[place];
    exclude(frame, layout, place, closedOutputs);
    if (this.#layout.outputs.has(node.node.id)) this.state.results[node.node.id] = path;
    const ways = waysBack(frame, layout, place, closedOutputs);
    if (ways.length > 0) frame.open[node.region] = [...(frame.open[node.region] ?? []), ...ways];
    this.#settle(key, place);
  }

  #settle(key: string, place: number): void {
    const { frame, node } = this.#at(key, place);
    frame.unsettled--;
    const ready: number[] = [];
    for (const { target } of node.forward) {
      const left = (frame.pending[target] as number) - 1;
      frame.pending[target] = left;
      if (left === 0) ready.push(target);
    }
    this.#makeReady(key, ready);
    if (node.region !== -1) {
      const left = (frame.regionUnsettled[node.region] as number) - 1;
      frame.regionUnsettled[node.region] = left;
      if (left === 0) this.#nextRound(key, node.region);
    }
    if (frame.unsettled === 0) this.#finished.push(key);
  }

  /**
   * Starts another round of a region: all nodes that its open feedback edges lead to run again. Does nothing without
   * such edges.
   */
  #nextRound(key: string, region: number): void {
    const frame = this.#frame(key);
    const ways = frame.open[region] ?? [];
    if (ways.length === 0) return;
    delete frame.open[region];
    frame.rounds[region] = (frame.rounds[region] as number) + 1;
    const { nodes, forward, entries } = this.#frameLayout(frame.loop);
    const entered = [...ways].map((edge) => entries.get(edge) as number);
    const again = [...reachable(forward, entered)].sort((one, other) => one - other);
    for (const place of again) this.#takeReturns(key, frame, place, nodes[place] as LayoutNode);
    for (const place of again) {
      frame.status[place] = NodeStatus.waiting;
      for (const target of forward[place] as readonly number[]) {
        frame.pending[target] = (frame.pending[target] as number) + 1;
      }
    }
    frame.unsettled += again.length;
    frame.regionUnsettled[region] = again.length;
    this.#makeReady(
      key,
      again.filter((place) => frame.pending[place] === 0),
    );
  }

  /** Stores what feedback edges hold for a node while all of them are settled: later in the round they change again. */
  #takeReturns(key: string, frame: FrameState, place: number, node: LayoutNode): void {
    const open = node.returns.filter(({ source, output }) => isOpen(frame, source, output));
    delete frame.returned[place];
    if (open.length === 0) return;
    const paths = emptyRecord<string>();
    for (const { edge, source, output } of open) paths[edge] = lastPath(this.#place, key, source, output);
    frame.returned[place] = paths;
  }

  #nextIteration(key: string, place: number, step: string): void {
    const { frame, node } = this.#at(key, place);
    const { items, gathered } = frame.loops[place] as FrameState['loops'][string];
    const index = gathered.length;
    if (index < items) {
      this.#openFrame(`${step}[${index}]/`, { loop: node.node.id, parent: key, step, index });
      return;
    }
    const path = `${step}[done]`;
    const feedback = entryOf(this.plan.loops, node.node.id)?.feedback;
    const others = node.node.outputs.map((output) => output.name).filter((name) => name !== node.item);
    const used = node.node.usedOutputs.filter((name) => name !== node.item);
    this.state.running[path] = { frame: key, place, phase: 'close' };
    this.commands.push({
      type: 'start',
      path,
      nodeId: node.node.id,
      visit: frame.visits[place] as number,
      inputs: [],
      outputs: used.length > 0 ? used : others,
      phase: 'close',
      gather: gathered
        .filter((one) => one !== '')
        .map((one) => ({ path: one, output: feedback?.output ?? '' })),
    });
  }

  #closeIteration(key: string): void {
    const frame = this.#frame(key);
    const { feedback } = this.plan.loops[frame.loop] as Plan['loops'][string];
    const source = this.#frameLayout(frame.loop).places.get(feedback.source) as number;
    const result = isOpen(frame, source, feedback.output)
      ? lastPath(this.#place, key, source, feedback.output)
      : '';
    delete this.state.frames[key];
    const parent = this.#frame(frame.parent);
    const place = this.#frameLayout(parent.loop).places.get(frame.loop) as number;
    (parent.loops[place] as FrameState['loops'][string]).gathered.push(result);
    this.#nextIteration(frame.parent, place, frame.step);
  }

  #finish(status: FinishCommand['status'], why: Pick<FinishCommand, 'failedPath' | 'overLimit'> = {}): void {
    const results = { ...this.state.results };
    this.state.phase = 'ended';
    this.state.frames = emptyRecord();
    this.state.running = emptyRecord();
    this.commands.push({ type: 'finish', status, ...why, results });
  }

  #at(key: string, place: number): { frame: FrameState; node: LayoutNode } {
    const frame = this.#frame(key);
    return { frame, node: this.#frameLayout(frame.loop).nodes[place] as LayoutNode };
  }

  #frame(key: string): FrameState {
    return this.state.frames[key] as FrameState;
  }

  #frameLayout(loop: string): FrameLayout {
    return this.#layout.frames.get(loop) as FrameLayout;
  }
}
