import { errorEntry } from '@causeway/contracts';
import { type CausewayError, shortText } from '@causeway/dag';
import { Floods } from './floods.js';
import { log } from './log.js';

/** Of equal refusals in a minute, so many have a line of their own; the rest is counted. */
const ONE_BY_ONE = 5;
const MOST_FLOODS = 1_000;
const LOOK_MS = 5_000;
const MOST_PATH_CHARACTERS = 200;

/** A request that was not answered as it was meant. */
export interface RefusedRequest {
  readonly method: string;
  readonly path: string;
  /** The route's pattern, which is the same for all its paths. */
  readonly route: string;
  readonly status: number;
}

type Counted = Pick<RefusedRequest, 'method' | 'route' | 'status'> & { readonly code: string };

/** Logs failed requests: a short line each, and floods of equal ones as counts, so that nobody can fill the log. */
export class RefusalLog {
  readonly #floods = new Floods<Counted>({
    oneByOne: ONE_BY_ONE,
    mostFloods: MOST_FLOODS,
    coarse: (sample) => ({ key: sample.code, sample: { ...sample, method: 'several', route: 'several' } }),
  });
  #timer: NodeJS.Timeout | undefined;

  note(error: CausewayError, { method, path, route, status }: RefusedRequest): void {
    // Each of these must be found by its request id.
    if (errorEntry(error.code).status === 500)
      return log.failure(error, 'request failed', { method, path, status });
    const { code } = error;
    const isTold = this.#floods.add(
      `${code} ${method} ${route}`,
      { code, method, route, status },
      Date.now(),
    );
    this.#timer ??= setTimeout(() => this.#count(Date.now()), LOOK_MS).unref();
    if (!isTold) return;
    // A message that names the path need not be beside it.
    const where = error.message.includes(path) ? {} : { path: shortText(path, MOST_PATH_CHARACTERS) };
    log.failure(error, 'request refused', { method, ...where, status });
  }

  /** Logs what has only been counted by now; for the end of a process. */
  close(): void {
    clearTimeout(this.#timer);
    this.#count(Infinity);
    clearTimeout(this.#timer);
  }

  #count(nowMs: number): void {
    this.#timer = undefined;
    for (const { sample, count } of this.#floods.takeDue(nowMs))
      log[errorEntry(sample.code).level]({ ...sample, count }, 'requests refused');
    if (!this.#floods.isEmpty) this.#timer = setTimeout(() => this.#count(Date.now()), LOOK_MS).unref();
  }
}
