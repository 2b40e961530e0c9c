import { errorEntry } from '@causeway/contracts';
import { type CausewayError, shortMasked } from '@causeway/dag';
import { Floods } from './floods.js';
import { type LogFields, log } from './log.js';

/** So many equal refusals in a minute have a line each; the rest is counted. */
const ONE_BY_ONE = 5;
const MOST_FLOODS = 1_000;
const LOOK_MS = 5_000;
const MOST_PATH_CHARACTERS = 200;

/** A request over HTTP that was answered with an error. */
export interface RefusedRequest {
  readonly method: string;
  readonly path: string;
  /** The route's pattern, which is the same for all its paths. */
  readonly route: string;
  readonly status: number;
}

/** A request over the bus that was answered with an error. */
export interface RefusedMessage {
  readonly subject: string;
}

type Counted = { readonly code: string } & (
  Pick<RefusedRequest, 'method' | 'route' | 'status'> | RefusedMessage
);

/** Logs failed requests: a short line each, and many equal ones as counts, so that no caller can fill the log. */
export class RefusalLog {
  readonly #floods = new Floods<Counted>({
    oneByOne: ONE_BY_ONE,
    mostFloods: MOST_FLOODS,
    coarse: (sample) => ({ key: sample.code, sample: coarseOf(sample) }),
  });
  #timer: NodeJS.Timeout | undefined;

  note(error: CausewayError, request: RefusedRequest | RefusedMessage): void {
    const { code } = error;
    const where = whereOf(error, request);
    // Each internal error must be found by its request id.
    if (errorEntry(code).status === 500) return log.failure(error, 'request failed', where);
    const counted = 'subject' in request ? request : withoutPath(request);
    const isTold = this.#floods.add(JSON.stringify([code, counted]), { code, ...counted }, Date.now());
    this.#timer ??= setTimeout(() => this.#count(Date.now()), LOOK_MS).unref();
    if (isTold) log.failure(error, 'request refused', where);
  }

  /** Logs the counts so far; for the end of a process. */
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

function withoutPath({ method, route, status }: RefusedRequest): Omit<RefusedRequest, 'path'> {
  return { method, route, status };
}

function coarseOf(sample: Counted): Counted {
  return 'subject' in sample
    ? { ...sample, subject: 'several' }
    : { ...sample, method: 'several', route: 'several' };
}

function whereOf(error: CausewayError, request: RefusedRequest | RefusedMessage): LogFields {
  if ('subject' in request) return { subject: request.subject };
  const { method, path, status } = request;
  // The path is left out when the message names it.
  return error.message.includes(path)
    ? { method, status }
    : { method, path: shortMasked(path, MOST_PATH_CHARACTERS), status };
}
