import type { Plan } from '../plan.js';
import type { WorldResult } from './world.js';

/** One settled step. */
export interface JournalRow {
  readonly path: string;
  readonly nodeId: string;
  /** Undefined for a skipped step. */
  readonly value: string | undefined;
  readonly result: WorldResult | undefined;
}

/** A run's journal as a group commit writes it: rows in order. After a crash at least the committed ones are kept. */
export class Journal {
  rows: JournalRow[] = [];
  #committed = 0;
  #byPath = new Map<string, number>();

  find(path: string): JournalRow | undefined {
    const at = this.#byPath.get(path);
    return at === undefined ? undefined : this.rows[at];
  }

  isCommitted(path: string): boolean {
    const at = this.#byPath.get(path);
    return at !== undefined && at < this.#committed;
  }

  add(row: JournalRow): void {
    this.#byPath.set(row.path, this.rows.push(row) - 1);
  }

  commit(): void {
    this.#committed = this.rows.length;
  }

  /** @param keep  chooses how many of the rows that were being written have arrived */
  die(keep: (most: number) => number): void {
    const kept = this.#committed + keep(this.rows.length - this.#committed);
    for (const row of this.rows.splice(kept)) this.#byPath.delete(row.path);
    this.commit();
  }
}

/** Rows whose predecessors on their iteration path come later or not at all. */
export function rowsTooEarly(plan: Plan, journal: Journal): string[] {
  const loopOf = new Map<string, string>();
  const loops = Object.entries(plan.loops).sort(([, one], [, other]) => other.body.length - one.body.length);
  for (const [loop, { body }] of loops) for (const id of body) loopOf.set(id, loop);
  const depthOf = (id: string): number => {
    const loop = loopOf.get(id);
    return loop === undefined ? 0 : 1 + depthOf(loop);
  };
  const seen = new Set<string>();
  const early: string[] = [];
  for (const row of journal.rows) {
    const around = row.path.split(/(?<=\]\/)/).slice(0, -1);
    for (const edge of row.path.endsWith('[done]') ? [] : plan.edges) {
      if (edge.target !== row.nodeId || edge.feedback) continue;
      const isItem = plan.loops[edge.source]?.item === edge.output;
      const prefix = around.slice(0, depthOf(edge.source)).join('');
      const phase = plan.nodes[edge.source]?.role !== 'loop' || isItem ? 'open' : 'close';
      if (!seen.has(`${prefix} ${edge.source} ${phase}`))
        early.push(`${row.path} came before ${prefix}${edge.source}.`);
    }
    const prefix = around.join('');
    if (!row.path.endsWith('[done]')) seen.add(`${prefix} ${row.nodeId} open`);
    if (row.path.endsWith('[done]') || row.value === undefined) seen.add(`${prefix} ${row.nodeId} close`);
  }
  return early;
}
