import { permissions } from '@causeway/contracts';
import type { Command } from 'commander';
import { connect, loginUrl } from '../../connection.js';
import { act } from '../../program.js';
import {
  type ClientOptions,
  type OfAccount,
  createClient,
  deleteClient,
  endGrant,
  listClients,
  listGrants,
  renewSecret,
  renewSigningKey,
} from './clients.js';
import { type LoginOptions, logIn, logOut } from './log-in.js';

const ACCOUNT = ['--account <account>', 'the service account for which it acts, by its name or id'] as const;
const TEAM = ['--team <team>', 'the team of the account; default: the team of your key'] as const;

/** Declares the commands for OAuth clients, and for what people allow them. */
export function declareOAuth(program: Command): void {
  const clients = program
    .command('clients')
    .description('list, create and delete OAuth clients: programs that get tokens instead of keys');
  clients
    .command('list', { isDefault: true })
    .description('list the clients of a service account, or those that act for people')
    .option(...ACCOUNT)
    .option(...TEAM)
    .action(act((output, common, options: OfAccount) => listClients(connect(common), options, output)));
  clients
    .command('create <name>')
    .description('create a client and show its secret once')
    .option(...ACCOUNT)
    .option(...TEAM)
    .option('--redirect <address...>', 'where browsers go back to, for a client that acts for people')
    .option('--device', 'it may ask with a code that people type, where it has no browser')
    .option('--no-secret', 'a program on people’s own machines, which cannot keep a secret')
    .option(
      '--permissions <list>',
      `what its tokens allow at most, separated by commas; possible are ${permissions.join(', ')}`,
    )
    .action(
      act((output, common, name: string, options: ClientOptions) =>
        createClient(connect(common), name, options, output),
      ),
    );
  clients
    .command('secret <client>')
    .description('give a client, by its id, another secret; the former one is valid for a day more')
    .action(act((output, common, client: string) => renewSecret(connect(common), client, output)));
  clients
    .command('delete <client>')
    .description('delete a client, by its id, and end its tokens')
    .action(act((output, common, client: string) => deleteClient(connect(common), client, output)));
  clients
    .command('renew-key')
    .description('make another key for ID tokens; the former one is published for a day more')
    .action(act((output, common) => renewSigningKey(connect(common), output)));
  const grants = program
    .command('grants')
    .description('list the programs that may act for you, and end that');
  grants
    .command('list', { isDefault: true })
    .description('list the programs that may act for you')
    .action(act((output, common) => listGrants(connect(common), output)));
  grants
    .command('end <grant>')
    .description('do not let a program act for you any more; the id is in the list')
    .action(act((output, common, grant: string) => endGrant(connect(common), grant, output)));
  program
    .command('login')
    .description('let this command act for you: allow it in your browser, and need no key')
    .requiredOption('--client <client>', 'the id of the OAuth client that stands for this command')
    .option(
      '--device',
      'by a code that you type in a browser of any machine; default where this machine has no display, or over SSH',
    )
    .option('--no-device', 'by a browser of this machine, whatever it seems to have')
    .option('--permissions <list>', 'what it may do, separated by commas; default: all that you may do')
    .action(act((output, common, options: LoginOptions) => logIn(loginUrl(common), options, output)));
  program
    .command('logout')
    .description('end the login, and forget it')
    .action(act((output, common) => logOut(loginUrl(common), output)));
}
