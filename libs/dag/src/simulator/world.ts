import type { Plan } from '../plan.js';
import { hashText } from './random.js';

/** A step as the outside world sees it: values instead of bindings. */
export interface WorldStep {
  readonly path: string;
  readonly nodeId: string;
  readonly visit: number;
  readonly phase?: 'open' | 'close' | undefined;
  /** What each wired field received; the results of all iterations for a Loop that closes. */
  readonly inputs: readonly (readonly [field: string, values: readonly string[]])[];
}

/** The results of a step. Equal steps give equal results. */
export interface WorldResult {
  readonly value: string;
  readonly closedOutputs: readonly string[];
  readonly items: number;
  readonly fails: boolean;
}

/** What runs outside of the reducer: components whose results depend only on the seed and on what they receive. */
export class World {
  readonly #inCycle: ReadonlyMap<string, ReadonlySet<string>>;

  /** @param failing  some steps fail */
  constructor(
    readonly plan: Plan,
    readonly seed: number,
    readonly failing: boolean,
  ) {
    this.#inCycle = new Map(plan.cycles.flatMap((part) => part.map((id) => [id, new Set(part)] as const)));
  }

  run(step: WorldStep): WorldResult {
    const key = `${this.seed} ${step.path} ${step.phase ?? ''} ${JSON.stringify(step.inputs)}`;
    const hash = hashText(key);
    const node = this.plan.nodes[step.nodeId];
    return {
      value: hash.toString(36),
      closedOutputs: node?.role === 'router' ? this.#close(step, hash) : [],
      items: step.phase === 'open' ? hash % 4 : 0,
      fails: this.failing && hash % 37 === 0,
    };
  }

  /**
   * Chooses one open output, sometimes none; mostly one that stays in the cycle, but from the third visit on one that
   * leaves it.
   */
  #close(step: WorldStep, hash: number): string[] {
    const outputs = this.plan.nodes[step.nodeId]?.outputs.map((output) => output.name) ?? [];
    const cycle = this.#inCycle.get(step.nodeId);
    const staying = (output: string): boolean =>
      this.plan.edges.some(
        (edge) => edge.source === step.nodeId && edge.output === output && cycle?.has(edge.target) === true,
      );
    const stays = outputs.filter(staying);
    const leaves = outputs.filter((output) => !staying(output));
    const allowed = step.visit >= 3 ? leaves : hash % 13 < 7 && stays.length > 0 ? stays : outputs;
    const open = hash % 11 === 0 ? undefined : allowed[hash % Math.max(allowed.length, 1)];
    return outputs.filter((output) => output !== open);
  }
}
