import { errorEntry } from '@causeway/contracts';
import { type CausewayError, shortMasked } from '@causeway/dag';
import { FloodLog } from './flood-log.js';
import { type LogFields, log } from './log.js';

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
  readonly #floods = new FloodLog<Counted>({
    coarse: (sample) => ({ key: sample.code, sample: coarseOf(sample) }),
    logCount: (sample, count) => log[errorEntry(sample.code).level]({ ...sample, count }, 'requests refused'),
  });

  note(error: CausewayError, request: RefusedRequest | RefusedMessage): void {
    const { code } = error;
    const where = whereOf(error, request);
    // Each internal error must be found by its request id.
    if (errorEntry(code).status === 500) return log.failure(error, 'request failed', where);
    const counted = 'subject' in request ? request : withoutPath(request);
    if (this.#floods.add(JSON.stringify([code, counted]), { code, ...counted }))
      log.failure(error, 'request refused', where);
  }

  /** Logs the counts so far; for the end of a process. */
  close(): void {
    this.#floods.close();
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
