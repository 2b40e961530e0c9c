import type { Command } from 'commander';
import { act } from '../../program.js';
import { declareSso, declareUsers } from '../people/declare-people.js';
import { bootstrap } from './bootstrap.js';
import { declareKeys } from './declare-keys.js';

/** Declares the commands of whoever runs the platform. All but the first are also commands of their own, with the same words. */
export function declareAdmin(program: Command): void {
  const admin = program
    .command('admin')
    .description('what administrators need most: the way back in, people, identity providers and keys');
  admin
    .command('bootstrap')
    .description(
      'replace the bootstrap key of the copy in the private folder: from its next start on, the new key owns the organisation',
    )
    .option(
      '--print',
      'only make a key, for another installation: set it there as CAUSEWAY_BOOTSTRAP_API_KEY',
    )
    .action(act((output, _common, options: { print?: boolean }) => bootstrap(options, output)));
  declareUsers(admin.command('user'));
  declareSso(admin.command('sso'));
  declareKeys(admin.command('key'));
}
