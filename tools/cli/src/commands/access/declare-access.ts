import { permissions } from '@causeway/contracts';
import type { Command } from 'commander';
import {
  createAccount,
  createAccountKey,
  deleteAccount,
  listAccountKeys,
  listAccounts,
  renameAccount,
  setDisabled,
} from './accounts.js';
import { addMember, deleteRole, listMembers, listRoles, removeMember, setRole, showAccess } from './roles.js';
import type { PlaceOptions } from './find-place.js';
import { createTeam, deleteTeam, listTeams, renameTeam } from './teams.js';
import { connect } from '../../connection.js';
import { act } from '../../program.js';

const TEAM = ['--team <team>', 'the team, by its name or id; default: the team of your key'] as const;
const PROJECT = ['--project <project>', 'only a project of the team, by its name or id'] as const;
const FLOW = ['--flow <flow>', 'only a flow of the team, by its name or id'] as const;
const ORGANISATION = ['--organisation', 'the whole organisation instead of a team'] as const;
const PERMISSIONS = `permissions, separated by commas; possible are ${permissions.join(', ')}`;

/** Declares the commands for teams, service accounts and roles. */
export function declareAccess(program: Command): void {
  declareTeams(program.command('teams').description('list, create and rename teams'));
  declareAccounts(
    program
      .command('accounts')
      .description('list, create, disable and enable service accounts: programs that act for a team'),
  );
  declareRoles(program.command('roles').description('list roles; set and delete custom ones'));
  declareMembers(
    program.command('members').description('list who has which role where; give and take roles'),
  );
  program
    .command('access')
    .description('show what your key may do in a team, or with a project or a flow, and by which roles')
    .option(...TEAM)
    .option(...PROJECT)
    .option(...FLOW)
    .action(act((output, common, options: PlaceOptions) => showAccess(connect(common), options, output)));
}

function declareTeams(teams: Command): void {
  teams
    .command('delete <team>')
    .description(
      'delete a team; its keys, roles and service accounts end, and its flows and variables are deleted',
    )
    .option('--confirm <name>', 'its name again, unless it is empty; the refusal says what it holds')
    .action(
      act((output, common, team: string, options: { confirm?: string }) =>
        deleteTeam(connect(common), team, options, output),
      ),
    );
  teams
    .command('list', { isDefault: true })
    .description('list the teams in which you may read who is a member')
    .action(act((output, common) => listTeams(connect(common), output)));
  teams
    .command('create <name>')
    .description('create a team')
    .action(act((output, common, name: string) => createTeam(connect(common), name, output)));
  teams
    .command('rename <team> <name>')
    .description('rename a team, given by its name or id')
    .action(
      act((output, common, team: string, name: string) => renameTeam(connect(common), team, name, output)),
    );
}

function declareAccounts(accounts: Command): void {
  accounts
    .command('delete <account>')
    .description('delete a service account with its keys and OAuth clients')
    .option(...TEAM)
    .action(
      act((output, common, account: string, options: { team?: string }) =>
        deleteAccount(connect(common), account, options, output),
      ),
    );
  accounts
    .command('list', { isDefault: true })
    .description('list the service accounts of a team')
    .option(...TEAM)
    .action(
      act((output, common, options: { team?: string }) => listAccounts(connect(common), options, output)),
    );
  accounts
    .command('create <name>')
    .description('create a service account with a role in its team, or only in a project or a flow of it')
    .requiredOption('--role <role>', 'its role, such as runner; see: npx causeway roles')
    .option(...TEAM)
    .option(...PROJECT)
    .option(...FLOW)
    .action(
      act((output, common, name: string, options: Parameters<typeof createAccount>[2]) =>
        createAccount(connect(common), name, options, output),
      ),
    );
  for (const [name, disabled, text] of [
    ['disable', true, 'disable a service account: none of its keys is valid until it is enabled'],
    ['enable', false, 'enable a service account again'],
  ] as const)
    accounts
      .command(`${name} <account>`)
      .description(text)
      .option(...TEAM)
      .action(
        act((output, common, account: string, options: { team?: string }) =>
          setDisabled(connect(common), account, disabled, options, output),
        ),
      );
  accounts
    .command('rename <account> <name>')
    .description('rename a service account, given by its name or id')
    .option(...TEAM)
    .action(
      act((output, common, account: string, name: string, options: { team?: string }) =>
        renameAccount(connect(common), account, name, options, output),
      ),
    );
  accounts
    .command('keys <account>')
    .description('list the API keys of a service account; revoke one with: npx causeway keys delete')
    .option(...TEAM)
    .action(
      act((output, common, account: string, options: { team?: string }) =>
        listAccountKeys(connect(common), account, options, output),
      ),
    );
  accounts
    .command('key <account>')
    .description('create an API key of a service account and show it once')
    .option(...TEAM)
    .option('--name <name>', 'the name of the key; default: the account’s name and today’s date')
    .option('--permissions <list>', `its ${PERMISSIONS}; default: those of your key`)
    .option('--expires <time>', 'when it expires, as an ISO time; default: when your key expires')
    .option(
      '--origin <origin>',
      'for a public page: only pages from there may use it, such as https://www.example.com, and only to run the one flow of the account; may be repeated',
      (origin: string, before: readonly string[] | undefined) => [...(before ?? []), origin],
    )
    .action(
      act((output, common, account: string, options: Parameters<typeof createAccountKey>[2]) =>
        createAccountKey(connect(common), account, options, output),
      ),
    );
}

function declareRoles(roles: Command): void {
  roles
    .command('list', { isDefault: true })
    .description('list roles and their permissions')
    .action(act((output, common) => listRoles(connect(common), output)));
  roles
    .command('set <role>')
    .description('create a custom role, or change its permissions')
    .requiredOption('--permissions <list>', `all of its ${PERMISSIONS}`)
    .action(
      act((output, common, role: string, options: { permissions: string }) =>
        setRole(connect(common), role, options, output),
      ),
    );
  roles
    .command('delete <role>')
    .description('delete a custom role that nobody has')
    .action(act((output, common, role: string) => deleteRole(connect(common), role, output)));
}

function declareMembers(members: Command): void {
  members
    .command('list', { isDefault: true })
    .description('list who has which role in a team, roles of the organisation included')
    .option(...TEAM)
    .option(...PROJECT)
    .option(...FLOW)
    .option(...ORGANISATION)
    .action(act((output, common, place: PlaceOptions) => listMembers(connect(common), place, output)));
  members
    .command('add <member>')
    .description(
      'give a person, or with --group a group, or with --account a service account a role; by name or id, a person also by e-mail address',
    )
    .requiredOption('--role <role>', 'the role; see: npx causeway roles')
    .option('--group', 'a group: all who are in it have the role')
    .option('--account', 'a service account; it can have roles only in its own team')
    .option(...TEAM)
    .option(...PROJECT)
    .option(...FLOW)
    .option(...ORGANISATION)
    .action(
      act((output, common, member: string, options: Parameters<typeof addMember>[2]) =>
        addMember(connect(common), member, options, output),
      ),
    );
  members
    .command('remove <binding>')
    .description('take a role away; the id is that of the role binding in the list')
    .action(act((output, common, binding: string) => removeMember(connect(common), binding, output)));
}
