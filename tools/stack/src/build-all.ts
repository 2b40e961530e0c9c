import { type CommandResult, runCommand } from './checks/run-command.js';

/** Builds every project that changed. */
export function buildAll(): Promise<CommandResult> {
  return runCommand('nx', ['run-many', '-t', 'build', '--outputStyle=static']);
}
