import { type CommandResult, runCommand } from './checks/run-command.js';

/** Builds every project that changed; what the failed ones said is in the output. */
export function buildAll(): Promise<CommandResult> {
  return runCommand('node', ['tools/stack/up.mjs', 'build']);
}
