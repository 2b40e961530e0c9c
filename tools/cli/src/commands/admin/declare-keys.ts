import { permissions } from '@causeway/contracts';
import type { Command } from 'commander';
import { connect } from '../../connection.js';
import { act } from '../../program.js';
import { createKey, deleteKey, listKeys, rotateKey } from '../keys.js';

/** Declares the commands for API keys. */
export function declareKeys(keys: Command): void {
  keys.description('list, create, rotate and revoke API keys');
  keys
    .command('list', { isDefault: true })
    .description('list API keys and their permissions')
    .action(act((output, common) => listKeys(connect(common), output)));
  keys
    .command('create <name>')
    .description('create an API key and show it once')
    .option(
      '--permissions <list>',
      `its permissions, separated by commas; default: those of your key; possible are ${permissions.join(', ')}`,
    )
    .option('--expires <time>', 'when it expires, as an ISO time; default: when your key expires')
    .action(
      act((output, common, name: string, options: Parameters<typeof createKey>[2]) =>
        createKey(connect(common), name, options, output),
      ),
    );
  keys
    .command('delete <id>')
    .description('revoke an API key, and the keys made with it')
    .action(act((output, common, id: string) => deleteKey(connect(common), id, output)));
  keys
    .command('rotate <id>')
    .description('make the successor of an API key and show it once; the former one ends after a day')
    .option('--overlap <hours>', 'how long the former key stays valid, at most 720 hours; default: 24')
    .action(
      act((output, common, id: string, options: Parameters<typeof rotateKey>[2]) =>
        rotateKey(connect(common), id, options, output),
      ),
    );
}
