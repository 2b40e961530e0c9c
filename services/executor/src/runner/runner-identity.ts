import { CRASH_LIMIT, ENGINE_VERSION, READABLE_ENGINES } from '../config.js';

/** `shared` walks many runs, `solo` one at a time: those whose runner died. */
export type RunnerKind = 'shared' | 'solo';

/** Who this process is to the database. Fixed by the supervisor that started it. */
export class RunnerIdentity {
  readonly engineVersion = ENGINE_VERSION;
  readonly readableEngines = READABLE_ENGINES;
  readonly crashLimit = CRASH_LIMIT;

  constructor(
    readonly id: string,
    readonly kind: RunnerKind,
  ) {}

  get takesSuspects(): boolean {
    return this.kind === 'solo';
  }
}

/** Reads what the supervisor passes: kind and id. @throws Error when the process was not started by a supervisor */
export function readIdentity(argv: readonly string[]): RunnerIdentity {
  const [kind, id] = argv.slice(-2);
  if ((kind !== 'shared' && kind !== 'solo') || !id || !/^[0-9a-f-]{36}$/.test(id))
    throw new Error('a runner is started by the executor’s supervisor: run dist/main.js');
  return new RunnerIdentity(id, kind);
}
