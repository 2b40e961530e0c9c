import { type CommandResult, runCommand } from './checks/run-command.js';

/**
 * Builds what changed. The result has the output of the failed projects.
 *
 * @param projects  names of packages @default every project
 */
export function buildProjects(projects: readonly string[] = []): Promise<CommandResult> {
  return runCommand('node', ['tools/stack/up.mjs', 'build', ...projects]);
}
