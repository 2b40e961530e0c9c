import type { Plan, PlanEdge } from '../plan.js';
import type { RunScope } from '../run.js';
import type { World, WorldResult } from './world.js';

/** What a run must have journaled at its end. */
export interface Expected {
  /** Value per path; undefined for a skipped step. */
  readonly rows: ReadonlyMap<string, string | undefined>;
  readonly results: Readonly<Record<string, string>>;
  readonly status: 'succeeded' | 'failed';
}

class StepFailed extends Error {}

interface Frame {
  readonly loop: string;
  readonly prefix: string;
  readonly step: string;
  readonly index: number;
  readonly around: Frame | undefined;
  readonly last: Map<
    string,
    { path: string; done: boolean; closed: readonly string[]; values: Map<string, string> }
  >;
  readonly visits: Map<string, number>;
  readonly kept: Map<string, Set<string>>;
  returned: Map<PlanEdge, string>;
}

/**
 * A second implementation of the rules of a run, as simple as possible: one node after the other in plan order, round
 * by round, with sets of ids, without regard to speed. The simulator compares the reducer with it.
 */
export class Reference {
  readonly #rows = new Map<string, string | undefined>();
  readonly #results: Record<string, string> = {};
  readonly #loopOf = new Map<string, string>();

  constructor(
    readonly plan: Plan,
    readonly scope: RunScope,
    readonly world: World,
  ) {
    const loops = Object.entries(plan.loops).sort(
      ([, one], [, other]) => other.body.length - one.body.length,
    );
    for (const [loop, { body }] of loops) for (const id of body) this.#loopOf.set(id, loop);
  }

  run(): Expected {
    let status: Expected['status'] = 'succeeded';
    try {
      this.#runFrame('', '', '', 0, undefined);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      status = 'failed';
    }
    return { rows: this.#rows, results: this.#results, status };
  }

  #runFrame(loop: string, prefix: string, step: string, index: number, around: Frame | undefined): Frame {
    const frame: Frame = {
      loop,
      prefix,
      step,
      index,
      around,
      last: new Map(),
      visits: new Map(),
      kept: new Map(),
      returned: new Map(),
    };
    const members = this.scope.nodes.filter((id) => (this.#loopOf.get(id) ?? '') === loop);
    let round = new Set(members);
    for (let rounds = 0; ; rounds++) {
      if (rounds > 100) throw new Error('The reference repeats for ever.');
      for (const id of members) if (round.has(id)) this.#settle(frame, id);
      const back = this.#edges(frame).filter(({ edge }) => edge.feedback);
      const open = back.filter(({ edge }) => this.#isOpen(frame, edge));
      const fired = open.filter(
        ({ edge }) => round.has(edge.source) && this.#isLed(frame, edge.source, round),
      );
      if (fired.length === 0) return frame;
      round = this.#behind(
        frame,
        fired.map(({ to }) => to),
      );
      for (const { edge, to } of back) if (round.has(to)) frame.returned.delete(edge);
      for (const { edge, to } of open) if (round.has(to)) frame.returned.set(edge, this.#pathOf(frame, edge));
    }
  }

  /** True when a search back from a node along open edges finds a router of the same cycle that ran in this round. */
  #isLed(frame: Frame, id: string, round: ReadonlySet<string>): boolean {
    const cycle = this.plan.cycles.find((part) => part.includes(id)) ?? [];
    const seen = new Set([id]);
    for (const node of seen) {
      if (this.plan.nodes[node]?.role === 'router') return true;
      for (const { edge, to } of this.#edges(frame)) {
        const counts = to === node && !edge.feedback && cycle.includes(edge.source) && round.has(edge.source);
        if (counts && this.#isOpen(frame, edge)) seen.add(edge.source);
      }
    }
    return false;
  }

  #settle(frame: Frame, id: string): void {
    const node = this.plan.nodes[id] as Plan['nodes'][string];
    const visit = (frame.visits.get(id) ?? 0) + 1;
    frame.visits.set(id, visit);
    const path = `${frame.prefix}${node.path}${visit > 1 ? `#${visit}` : ''}`;
    const arriving = this.#edges(frame).filter(({ edge, to }) => to === id && !edge.feedback);
    const returns = this.#edges(frame).some(({ edge, to }) => to === id && frame.returned.has(edge));
    const keptOut = [...frame.kept.values()].some((kept) => kept.has(id));
    const cutOff = arriving.length > 0 && !returns && !arriving.some(({ edge }) => this.#isOpen(frame, edge));
    if (keptOut || cutOff) {
      this.#rows.set(path, undefined);
      frame.last.set(id, { path, done: false, closed: [], values: new Map() });
      return;
    }
    const inputs = this.#inputs(frame, id);
    const values = new Map<string, string>();
    const run = (at: string, phase: 'open' | 'close' | undefined, given: typeof inputs): WorldResult => {
      const result = this.world.run({ path: at, nodeId: id, visit, phase, inputs: given });
      if (result.fails) throw new StepFailed();
      this.#rows.set(at, result.value);
      if (this.scope.outputs.includes(id)) this.#results[id] = at;
      return result;
    };
    if (node.role !== 'loop') {
      const result = run(path, undefined, inputs);
      frame.last.set(id, { path, done: true, closed: result.closedOutputs, values });
      this.#keepOut(frame, id, result.closedOutputs);
      return;
    }
    const opened = run(path, 'open', inputs);
    frame.last.set(id, { path, done: true, closed: [], values });
    const loop = this.plan.loops[id];
    const gathered: string[] = [];
    for (let index = 0; loop !== undefined && index < opened.items; index++) {
      const inner = this.#runFrame(id, `${path}[${index}]/`, path, index, frame);
      const end = inner.last.get(loop.feedback.source);
      if (end?.done && !end.closed.includes(loop.feedback.output)) {
        gathered.push(
          this.#valueAt(
            this.#stepOf(loop.feedback.source, loop.feedback.output, end.path),
            loop.feedback.output,
          ),
        );
      }
    }
    run(`${path}[done]`, 'close', [['gather', gathered]]);
  }

  /** Edges of a frame; an edge into a loop's body counts as an edge to the Loop. */
  #edges(frame: Frame): { edge: PlanEdge; to: string }[] {
    const found: { edge: PlanEdge; to: string }[] = [];
    for (const edge of this.plan.edges) {
      if (!this.scope.nodes.includes(edge.source) || !this.scope.nodes.includes(edge.target)) continue;
      if ((this.#loopOf.get(edge.source) ?? '') !== frame.loop || this.#isItem(edge) || this.#isGather(edge))
        continue;
      let to: string | undefined = edge.target;
      while (to !== undefined && (this.#loopOf.get(to) ?? '') !== frame.loop) to = this.#loopOf.get(to);
      if (to !== undefined) found.push({ edge, to });
    }
    return found;
  }

  #behind(frame: Frame, starts: readonly string[]): Set<string> {
    const found = new Set(starts);
    for (let before = -1; before !== found.size;) {
      before = found.size;
      for (const { edge, to } of this.#edges(frame))
        if (!edge.feedback && found.has(edge.source)) found.add(to);
    }
    return found;
  }

  #keepOut(frame: Frame, id: string, closed: readonly string[]): void {
    const own = this.#edges(frame).filter(({ edge }) => edge.source === id && !edge.feedback);
    const targets = (isClosed: boolean): string[] =>
      own.filter(({ edge }) => closed.includes(edge.output) === isClosed).map(({ to }) => to);
    const saved = this.#behind(frame, targets(false));
    frame.kept.set(id, new Set([...this.#behind(frame, targets(true))].filter((one) => !saved.has(one))));
  }

  #inputs(frame: Frame, id: string): [string, string[]][] {
    const fields = new Map<string, { value: string; returned: boolean }[]>();
    for (const edge of this.plan.edges) {
      if (edge.target !== id || this.#isGather(edge) || !this.scope.nodes.includes(edge.source)) continue;
      const there = fields.get(edge.field) ?? [];
      fields.set(edge.field, there);
      if (this.#isItem(edge)) {
        let inner: Frame | undefined = frame;
        while (inner !== undefined && inner.loop !== edge.source) inner = inner.around;
        there.push({
          value: `${this.#valueAt(inner?.step ?? '', edge.output)}@${inner?.index}`,
          returned: false,
        });
        continue;
      }
      let outer: Frame | undefined = frame;
      while (outer !== undefined && outer.loop !== (this.#loopOf.get(edge.source) ?? ''))
        outer = outer.around;
      if (outer === undefined) continue;
      const path = edge.feedback
        ? outer.returned.get(edge)
        : this.#isOpen(outer, edge)
          ? this.#pathOf(outer, edge)
          : undefined;
      if (path !== undefined) {
        there.push({ value: this.#valueAt(path, edge.output), returned: edge.feedback === true });
      }
    }
    return [...fields].map(([field, values]) => {
      const list = this.plan.nodes[id]?.fields[field]?.list === true;
      const one = values.findLast((value) => value.returned) ?? values.at(-1);
      return [field, (list ? values : one === undefined ? [] : [one]).map(({ value }) => value)];
    });
  }

  #isOpen(frame: Frame, edge: PlanEdge): boolean {
    const last = frame.last.get(edge.source);
    return last !== undefined && last.done && !last.closed.includes(edge.output);
  }

  #pathOf(frame: Frame, edge: PlanEdge): string {
    return this.#stepOf(edge.source, edge.output, frame.last.get(edge.source)?.path ?? '');
  }

  #stepOf(id: string, output: string, path: string): string {
    return this.plan.nodes[id]?.role === 'loop' && output !== (this.plan.loops[id]?.item ?? 'item')
      ? `${path}[done]`
      : path;
  }

  #valueAt(path: string, output: string): string {
    return `${this.#rows.get(path)}.${output}`;
  }

  #isItem(edge: PlanEdge): boolean {
    return this.plan.loops[edge.source]?.item === edge.output;
  }

  #isGather(edge: PlanEdge): boolean {
    return edge.feedback === true && edge.field === 'item' && this.plan.nodes[edge.target]?.role === 'loop';
  }
}
