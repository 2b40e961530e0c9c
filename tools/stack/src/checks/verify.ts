import { type Check, build, runChecks, staticChecks } from './checks.js';
import { runCommand } from './run-command.js';

/** Suites that start the whole platform: they are part of `npm test`, not of this quick check. */
const SLOW = '@causeway/e2e,@causeway/bench';

/** Tests of the projects that changed, or that use one that did, since their tests last passed. */
const affectedTests: Check = {
  name: 'affected tests',
  run: () =>
    runCommand('nx', ['run-many', '-t', 'test', `--exclude=${SLOW}`, '--parallel=2', '--outputStyle=static']),
};

/** The check before each commit: types, lint, affected tests. @returns the exit code */
export async function verify(): Promise<number> {
  if ((await runChecks([build])) > 0) return 1;
  const failed = await runChecks([...staticChecks, affectedTests]);
  return failed === 0 ? 0 : 1;
}
