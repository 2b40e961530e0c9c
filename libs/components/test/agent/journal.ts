import { type Json, canonicalJson } from '@causeway/dag';
import type { ComponentContext, StepAnswer, StepCall } from '../../src/runtime/component.js';

interface Entry {
  readonly request: string;
  readonly answer: StepAnswer;
}

/**
 * A run's journal as the executor keeps it: steps by path, `node/n` and `node/n/m`, in order; an answer is given back while
 * the request is the same, else it and what follows are dropped.
 */
export class Journal {
  readonly entries: Map<string, Entry>;
  /** Paths of the steps that were really executed. */
  readonly made: string[] = [];

  constructor(entries: Iterable<readonly [string, Entry]> = []) {
    this.entries = new Map(entries);
  }

  /** The part of the journal that is left when the process dies after its first `count` top steps. */
  cutAfter(count: number): Journal {
    return new Journal([...this.entries].filter(([path]) => Number(path.split('/')[1]) <= count));
  }

  /** The same without one entry, as if the process had died before it was written. */
  without(path: string): Journal {
    return new Journal([...this.entries].filter(([known]) => known !== path));
  }

  /** The `step` of a context. */
  stepsOf(path: string, signal = new AbortController().signal): ComponentContext['step'] {
    let count = 0;
    return async (call: StepCall): Promise<StepAnswer> => {
      count += 1;
      const own = `${path}/${count}`;
      const request = canonicalJson([call.kind, call.name, call.request]);
      const known = this.entries.get(own);
      if (known?.request === request) return known.answer;
      this.entries.delete(own);
      this.made.push(own);
      const answer = await call.call({ idempotencyKey: own, signal, step: this.stepsOf(own, signal) });
      this.entries.set(own, { request, answer: JSON.parse(JSON.stringify(answer)) as StepAnswer });
      return this.entries.get(own)?.answer as StepAnswer;
    };
  }

  /** Path, name and answer of each step. */
  list(): readonly { path: string; answer: Json }[] {
    return [...this.entries].map(([path, { answer }]) => ({ path, answer: answer.answer }));
  }
}
