import type { Command } from 'commander';
import { connect } from '../../connection.js';
import { act } from '../../program.js';
import type { ApplyOptions } from './apply.js';

/** Declares the commands for an organisation as a file. What reads YAML is loaded only for them. */
export function declareOrganisation(program: Command): void {
  program
    .command('apply <file>')
    .description(
      'make the organisation as a YAML file says: teams, roles, groups and what they may do, service accounts, connections; shows the plan first',
    )
    .option('--dry-run', 'only show the plan; exits with 2 when there is something to do')
    .option('-y, --yes', 'do not ask')
    .option('--prune', 'also remove what is not in the file, in the sections that the file has')
    .option('--secrets', 'send the secrets of connections again, although there are some')
    .action(
      act(async (output, common, file: string, options: ApplyOptions) => {
        const { applyFile } = await import('./apply.js');
        return applyFile(connect(common), file, options, output);
      }),
    );
  const org = program.command('org').description('write the organisation as a file that apply reads');
  org
    .command('export')
    .description('write what the organisation is now as YAML, without secrets')
    .option('--out <file>', 'write into this file')
    .action(
      act(async (output, common, options: { out?: string }) => {
        const { exportOrganisation } = await import('./export.js');
        return exportOrganisation(connect(common), options, output);
      }),
    );
}
