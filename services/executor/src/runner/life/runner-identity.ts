import { CRASH_LIMIT, ENGINE_VERSION, READABLE_ENGINES } from '../../config.js';

/**
 * `shared` takes new runs; `standby` is started and waits to become shared; `quarantine` executes the runs of a runner that died, one
 * group at a time.
 */
export type RunnerKind = 'shared' | 'standby' | 'quarantine';

/** The identity of this process in the database. Its supervisor sets it at the start; only the kind may change later. */
export class RunnerIdentity {
  readonly engineVersion = ENGINE_VERSION;
  readonly readableEngines = READABLE_ENGINES;
  readonly crashLimit = CRASH_LIMIT;

  constructor(
    readonly id: string,
    public kind: RunnerKind,
  ) {}

  get isQuarantine(): boolean {
    return this.kind === 'quarantine';
  }
}

/** Reads what the supervisor passes: kind and id. @throws Error when the process was not started by a supervisor */
export function readIdentity(argv: readonly string[]): RunnerIdentity {
  const [kind, id] = argv.slice(-2);
  if (!isRunnerKind(kind) || !id || !/^[0-9a-f-]{36}$/.test(id))
    throw new Error('a runner is started by the executor’s supervisor: run dist/main.js');
  return new RunnerIdentity(id, kind);
}

function isRunnerKind(text: string | undefined): text is RunnerKind {
  return text === 'shared' || text === 'standby' || text === 'quarantine';
}
