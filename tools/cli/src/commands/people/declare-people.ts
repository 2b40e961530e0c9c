import type { Command } from 'commander';
import { connect } from '../../connection.js';
import { act } from '../../program.js';
import { listBarred, readmitUser } from './barred.js';
import { createGroup, deleteGroup, listGroupMembers, listGroups, setMember } from './groups.js';
import {
  type ConnectionOptions,
  addConnection,
  checkConnection,
  listConnections,
  removeConnection,
  setConnectionDisabled,
} from './sso.js';
import { deletePassword, enforceSso, inviteUser, setPassword } from './passwords.js';
import { handOverTo, showOwned } from './owned.js';
import { makeScimToken, revokeScimToken, showScim } from './scim.js';
import { deleteUser, listUsers, setUserDisabled } from './users.js';

const several = (value: string, former: readonly string[] = []): string[] => [...former, value];

/** Declares the commands for people, groups and where they sign in. */
export function declarePeople(program: Command): void {
  declareUsers(program.command('users'));
  declareGroups(
    program
      .command('groups')
      .description('list, create and delete groups of people; add people and take them out'),
  );
  declareSso(program.command('sso'));
}

/** Declares the commands for people. */
export function declareUsers(users: Command): void {
  users.description('list, invite, disable, enable, delete and readmit people; set their passwords');
  users
    .command('list', { isDefault: true })
    .description('list the people of the organisation')
    .option('--search <text>', 'only those who have it in their name or e-mail address')
    .action(
      act((output, common, options: { search?: string }) => listUsers(connect(common), options, output)),
    );
  for (const [name, disabled, text] of [
    ['disable', true, 'disable a person: none of their keys and sessions is valid until they are enabled'],
    ['enable', false, 'enable a person again'],
  ] as const)
    users
      .command(`${name} <user>`)
      .description(`${text}; by name, e-mail address or id`)
      .action(
        act((output, common, user: string) => setUserDisabled(connect(common), user, disabled, output)),
      );
  users
    .command('owned <user>')
    .description('show what a person owns, and what becomes of it when they leave')
    .action(act((output, common, user: string) => showOwned(connect(common), user, output)));
  users
    .command('hand-over <user>')
    .description(
      'give the roles that a person was given to another one, and keep the OAuth clients that were made with their keys; the secrets of these end',
    )
    .requiredOption('--to <user>', 'who gets it, by name, e-mail address or id')
    .action(
      act((output, common, user: string, options: { to: string }) =>
        handOverTo(connect(common), user, options, output),
      ),
    );
  users
    .command('delete <user>')
    .description(
      'delete a disabled person: name, e-mail address and how they signed in are removed, and they do not come back unless you readmit them; the audit log keeps the id',
    )
    .action(act((output, common, user: string) => deleteUser(connect(common), user, output)));
  users
    .command('barred')
    .description('list who was deleted and does not come back by their identity provider')
    .action(act((output, common) => listBarred(connect(common), output)));
  users
    .command('readmit <id>')
    .description('let somebody come back who was deleted, as a new person; by the id that they had')
    .action(act((output, common, id: string) => readmitUser(connect(common), id, output)));
  users
    .command('invite <name>')
    .description('invite somebody by a link, with which they choose a password; prints the link')
    .option('--email <address>', 'their e-mail address')
    .option(
      '--role <role>',
      'a role that they get, in the team, project, flow or organisation that the other options name',
    )
    .option('--team <team>', 'the team of the role, by its name or id; default: the team of your key')
    .option('--project <project>', 'only a project of the team, by its name or id')
    .option('--flow <flow>', 'only a flow of the team, by its name or id')
    .option('--organisation', 'the whole organisation instead of a team')
    .action(
      act((output, common, name: string, options: Parameters<typeof inviteUser>[2]) =>
        inviteUser(connect(common), name, options, output),
      ),
    );
  users
    .command('password <user>')
    .description('set the password of a person; it is read from standard input')
    .option('--login <name>', 'what they type to sign in; default: their e-mail address')
    .option(
      '--break-glass',
      'they may sign in with it while SSO is enforced, together with the code of an authenticator',
    )
    .action(
      act((output, common, user: string, options: Parameters<typeof setPassword>[2]) =>
        setPassword(connect(common), user, options, output),
      ),
    );
  users
    .command('no-password <user>')
    .description('take the password of a person away')
    .action(act((output, common, user: string) => deletePassword(connect(common), user, output)));
}

function declareGroups(groups: Command): void {
  groups
    .command('list', { isDefault: true })
    .description('list the groups of the organisation')
    .action(act((output, common) => listGroups(connect(common), output)));
  groups
    .command('create <name>')
    .description('create a group; give it a role with: npx causeway members add NAME --group --role ROLE')
    .option('--connection <name>', 'the connection whose identity provider says who is in it')
    .option('--claim <value>', 'what that identity provider calls the group; default: its name')
    .action(
      act((output, common, name: string, options: Parameters<typeof createGroup>[2]) =>
        createGroup(connect(common), name, options, output),
      ),
    );
  groups
    .command('delete <group>')
    .description('delete a group, given by its name or id; its roles are taken away')
    .action(act((output, common, group: string) => deleteGroup(connect(common), group, output)));
  groups
    .command('members <group>')
    .description('list who is in a group')
    .action(act((output, common, group: string) => listGroupMembers(connect(common), group, output)));
  for (const [name, isMember, text] of [
    ['add', true, 'add a person to a group'],
    ['remove', false, 'take a person out of a group'],
  ] as const)
    groups
      .command(`${name} <group> <user>`)
      .description(`${text}; both by name or id, a person also by e-mail address`)
      .action(
        act((output, common, group: string, user: string) =>
          setMember(connect(common), group, user, isMember, output),
        ),
      );
}

/** Declares the commands for identity providers. */
export function declareSso(sso: Command): void {
  sso.description('list, add, test and remove the identity providers at which people sign in');
  sso
    .command('list', { isDefault: true })
    .description('list the connections to identity providers')
    .action(act((output, common) => listConnections(connect(common), output)));
  sso
    .command('add <name>')
    .description(
      'add a connection to an OpenID Connect or SAML provider, or change one; the client secret of the first kind is read from standard input unless a file or --no-secret is given',
    )
    .option(
      '--issuer <url>',
      'the address of the identity provider, as it says it itself; for SAML, its entity id',
    )
    .option('--client-id <id>', 'what the identity provider calls Causeway')
    .option('--secret-file <file>', 'a file that holds the client secret')
    .option('--no-secret', 'the client has no secret')
    .option('--label <text>', 'what people read when they choose it; default: the name')
    .option(
      '--domain <domain>',
      'a domain of e-mail addresses of its people; may be given several times',
      several,
    )
    .option(
      '--scope <scope>',
      'a scope to ask for; may be given several times; default: openid, profile, email',
      several,
    )
    .option('--groups-claim <path>', 'where tokens say the groups, names separated by dots; default: groups')
    .option(
      '--saml [metadata]',
      'it is a SAML provider; a file with its metadata, or the address of that; without it give --issuer, --sign-in-url and --certificate',
    )
    .option('--sign-in-url <url>', 'SAML: where people sign in (HTTP-Redirect)')
    .option(
      '--certificate <file>',
      'SAML: a certificate with which the provider signs; may be given several times, and replaces the former ones',
      several,
    )
    .option(
      '--name-id <format>',
      'SAML: which names it sends: persistent (the default), email or unspecified',
    )
    .option('--name-attribute <name>', 'SAML: the attribute with the name that is shown; default: name')
    .option('--email-attribute <name>', 'SAML: the attribute with the e-mail address; default: email')
    .option('--groups-attribute <name>', 'SAML: the attribute with the groups; default: groups')
    .option(
      '--scim-id-claim <claim>',
      'the claim or SAML attribute that is equal to a person’s externalId in SCIM, such as oid for Entra ID; default: sub, for SAML a persistent NameID',
    )
    .action(
      act((output, common, name: string, options: ConnectionOptions) =>
        addConnection(connect(common), name, options, output),
      ),
    );
  sso
    .command('test <name>')
    .description('ask the identity provider of a connection what it says of itself')
    .action(act((output, common, name: string) => checkConnection(connect(common), name, output)));
  for (const [name, disabled, text] of [
    ['disable', true, 'disable a connection: nobody can sign in by it; sessions stay'],
    ['enable', false, 'enable a connection again'],
  ] as const)
    sso
      .command(`${name} <name>`)
      .description(text)
      .action(
        act((output, common, connection: string) =>
          setConnectionDisabled(connect(common), connection, disabled, output),
        ),
      );
  for (const [name, isEnforced, text] of [
    [
      'enforce',
      true,
      'let people sign in only at identity providers, and break-glass administrators with a password and a code',
    ],
    ['relax', false, 'let people sign in with passwords too'],
  ] as const)
    sso
      .command(name)
      .description(text)
      .action(act((output, common) => enforceSso(connect(common), isEnforced, output)));
  sso
    .command('remove <name>')
    .description('remove a connection that has no groups any more, and end its sessions')
    .action(act((output, common, name: string) => removeConnection(connect(common), name, output)));
  declareScim(
    sso
      .command('scim')
      .description('the tokens with which the identity provider of a connection sends people and groups'),
  );
}

function declareScim(scim: Command): void {
  scim
    .command('token <connection>')
    .description('make a SCIM token, and print it with the address; at most two are valid at a time')
    .action(act((output, common, name: string) => makeScimToken(connect(common), name, output)));
  scim
    .command('revoke <connection>')
    .description('end a SCIM token: the only one, or the one that you name')
    .option('--older', 'the older one of two')
    .option('--id <id>', 'the one with this id')
    .action(
      act((output, common, name: string, options: { id?: string; older?: boolean }) =>
        revokeScimToken(connect(common), name, options, output),
      ),
    );
  scim
    .command('status <connection>')
    .description('show the SCIM tokens, when each was used last, and how much was sent')
    .action(act((output, common, name: string) => showScim(connect(common), name, output)));
}
