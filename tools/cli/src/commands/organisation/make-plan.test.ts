import type { OrganisationFile, RoleBinding } from '@causeway/contracts';
import { expect, test } from 'vitest';
import { describe as describeState } from './export.js';
import { makePlan } from './make-plan.js';
import type { PresentState } from './present-state.js';

const at = '2026-11-30T12:00:00.000Z';
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const ada = {
  id: id(1),
  name: 'Ada',
  email: 'ada@acme.example',
  createdAt: at,
  lastSignInAt: at,
  disabledAt: null,
};
const ben = { ...ada, id: id(2), name: 'Ben', email: 'ben@acme.example' };
const binding = (n: number, subject: RoleBinding['subject'], role: string, teamId?: string): RoleBinding => ({
  id: id(n),
  subject,
  role,
  level: teamId === undefined ? 'organisation' : 'team',
  objectId: teamId ?? id(99),
  createdAt: at,
});
const user = ({ id: of, name }: typeof ada) => ({ kind: 'user' as const, id: of, name });
const finance = { kind: 'group' as const, id: id(30), name: 'finance' };
const builder = { kind: 'service_account' as const, id: id(40), name: 'builder' };

const state = (more: Partial<PresentState> = {}): PresentState => ({
  self: {
    subject: user(ada),
    email: ada.email,
    organisation: { id: id(99), name: 'Acme' },
    teamId: id(20),
    teams: [],
    roles: [{ role: 'owner', level: 'organisation' }],
  },
  organisation: { id: id(99), name: 'Acme', ssoEnforcedAt: null },
  teams: [{ id: id(20), name: 'Payments', createdAt: at }],
  roles: [
    { name: 'owner', isBuiltIn: true, permissions: [] },
    { name: 'editor', isBuiltIn: true, permissions: [] },
    { name: 'viewer', isBuiltIn: true, permissions: [] },
    { name: 'starter', isBuiltIn: false, permissions: ['flow:read', 'flow:run'] },
  ],
  connections: [
    {
      id: id(50),
      name: 'acme',
      label: 'Acme',
      kind: 'oidc',
      issuer: 'https://login.acme.example',
      clientId: 'causeway',
      hasSecret: true,
      scopes: ['openid', 'email'],
      groupsClaim: 'groups',
      domains: ['acme.example'],
      scimIdClaim: 'sub',
      createdAt: at,
      disabledAt: null,
    },
  ],
  groups: [
    {
      group: {
        id: id(30),
        name: 'finance',
        connection: 'acme',
        claimValue: 'fin',
        members: 3,
        createdAt: at,
      },
      members: [],
    },
    {
      group: { id: id(31), name: 'helpers', connection: null, claimValue: null, members: 1, createdAt: at },
      members: [ben],
    },
  ],
  accounts: [{ id: id(40), teamId: id(20), name: 'builder', createdAt: at, disabledAt: null }],
  bindings: [
    binding(60, user(ada), 'owner'),
    binding(61, user(ben), 'owner'),
    binding(62, finance, 'editor', id(20)),
    binding(63, builder, 'viewer', id(20)),
  ],
  people: new Map([
    [ada.email, [ada]],
    [ben.email, [ben]],
  ]),
  ...more,
});

const nothing = { prune: false, secrets: false };
const prune = { prune: true, secrets: false };
const said = (file: Partial<OrganisationFile>, options = nothing, present = state()): string[] =>
  makePlan({ version: 1, ...file }, present, options).steps.map(
    ({ act, what, detail }) => `${act} ${what}${detail === undefined ? '' : ` (${detail})`}`,
  );
const kept = (file: Partial<OrganisationFile>, options = prune): readonly string[] =>
  makePlan({ version: 1, ...file }, state(), options).kept;

test('what an export says is what is there: nothing is to do, with and without --prune', () => {
  const file = describeState(state(), [ada, ben]);
  expect([said(file), said(file, prune)]).toEqual([[], []]);
  expect(makePlan(file, state(), prune)).toMatchObject({ waiting: [], kept: [] });
  expect(JSON.stringify(file)).toContain('${env:SSO_SECRET_ACME}');
});

test('makes what is not there, what others need first', () => {
  expect(
    said({
      accounts: [{ name: 'nightly', team: 'Research', roles: ['runner', 'viewer'] }],
      groups: [
        {
          name: 'science',
          connection: 'lab',
          roles: [
            { role: 'owner', organisation: true },
            { role: 'editor', team: 'Research' },
          ],
        },
      ],
      connections: [{ name: 'lab', issuer: 'https://lab.example', clientId: 'c', secret: '${env:LAB}' }],
      roles: [{ name: 'runner', permissions: ['flow:run'] }],
      teams: ['Research'],
      organisation: { name: 'Acme Ltd', ssoEnforced: true },
    }),
  ).toEqual([
    'change organisation Acme (is called Acme Ltd)',
    'create team Research',
    'create role runner (+flow:run)',
    'create connection lab (https://lab.example)',
    'create group science (lab says science)',
    'create account nightly of team Research (runner in team Research)',
    'create group science: owner in the organisation',
    'create group science: editor in team Research',
    'create account nightly of team Research: viewer in team Research',
    'change organisation Acme (people sign in only at identity providers)',
  ]);
});

test('compares SAML connections too: by the fingerprints of their certificates', () => {
  const certificate =
    'MIIBdjCCARugAwIBAgIULPn4p51uuy7e6xHY+RQcF8TB3v4wCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMzAyMDQxMzNaGA8yMTI2MTEwNjIwNDEzM1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNPH/EPL948WTFrPvIlOIhgaTrmZlLVk/GeNG2XPsn5Mz3J794j+79Ahnuowjmo+VlkWIEnhqLYW92pwhN8+isCjUzBRMB0GA1UdDgQWBBTWGKlvk08mftffjPPNPlrFLe7NfDAfBgNVHSMEGDAWgBTWGKlvk08mftffjPPNPlrFLe7NfDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCCh+HFlhtRlnPP8xICizsg/vZrONMoG18cO9UpaRAEIwIhANIIv/JPNAlyyOyDJhiEdSIrR1jD8fEzgx1rbVxvjWkp';
  const saml = {
    name: 'corp',
    kind: 'saml' as const,
    label: 'corp',
    issuer: 'https://idp.example',
    clientId: 'https://causeway.example/metadata',
    domains: [],
    scimIdClaim: 'sub',
    signInUrl: 'https://idp.example/sso',
    nameIdFormat: 'persistent' as const,
    attributes: { name: 'name', email: 'email', groups: 'groups' },
  };
  const fingerprint = '8f3b484654f1b48c8aed6e6a517739d1508ee07f0597b8649739a6c527081a1b';
  const found = {
    ...saml,
    id: id(51),
    certificates: [{ fingerprint, expiresAt: at }],
    createdAt: at,
    disabledAt: null,
  };
  const present = state({ connections: [found], groups: [] });
  const changes = (more: object): string[] => said({ connections: [{ ...saml, ...more }] }, nothing, present);
  expect(changes({})).toEqual([]);
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`;
  for (const one of [certificate, pem]) expect(changes({ certificates: [one] })).toEqual([]);
  expect(changes({ certificates: ['other'], attributes: { groups: 'memberOf' } })).toEqual([
    'change connection corp (certificates, attributes.groups)',
  ]);
  expect(said({ connections: [saml] })).toEqual(['create connection corp (https://idp.example)']);
  expect(said(describeState(present, []), nothing, present)).toEqual([]);
  const oidc = { name: 'corp', issuer: 'https://idp.example', clientId: 'c' };
  expect(() => said({ connections: [oidc] }, nothing, present)).toThrow(/is of the kind saml/);
});

test('changes what is otherwise, and sends a secret only where something else changes or it is wanted', () => {
  const acme = {
    name: 'acme',
    issuer: 'https://login.acme.example',
    clientId: 'causeway',
    secret: '${env:S}',
  };
  const connections = (more: object) => ({ connections: [{ ...acme, ...more }] });
  expect(said(connections({ domains: ['acme.example'], scopes: ['email'] }))).toEqual([]);
  expect(said(connections({}), { prune: false, secrets: true })).toEqual(['change connection acme (secret)']);
  expect(said(connections({ domains: ['acme.example', 'acme.test'] }))).toEqual([
    'change connection acme (domains, secret)',
  ]);
  expect(said(connections({ secret: null }))).toEqual(['change connection acme (no secret)']);
  expect(said({ roles: [{ name: 'starter', permissions: ['flow:read', 'file:read'] }] })).toEqual([
    'change role starter (+file:read -flow:run)',
  ]);
});

test('removes nothing without --prune, and says what stays', () => {
  const file = { roles: [], connections: [], groups: [], users: [], accounts: [], teams: [] };
  expect(said(file)).toEqual([]);
  expect(kept(file, nothing)).toHaveLength(8);
});

test('leaves accounts alone that have roles only where no file describes them, also with --prune', () => {
  const site = { id: id(41), teamId: id(20), name: 'website', createdAt: at, disabledAt: null };
  const present = state({ accounts: [...state().accounts, site] });
  const file = describeState(present, [ada, ben]);
  expect(said(file, prune, present)).toEqual([]);
  expect(makePlan(file, present, prune).kept).toEqual([
    'account website of team Payments: it has roles in single projects or flows only, which no file describes',
  ]);
});

test('removes with --prune what is in no section of the file, owners last, but nothing of the caller', () => {
  const file = { roles: [], groups: [], users: [], accounts: [], teams: [] };
  expect(said(file, prune)).toEqual([
    'remove user Ben: owner in the organisation',
    'remove group finance',
    'remove group helpers',
    'change account builder of team Payments (is disabled)',
    'remove role starter',
  ]);
  expect(kept(file)).toEqual([
    'team Payments: a team is never removed by a file',
    'user Ada: owner in the organisation: it is your own',
  ]);
  // A section that is left out is not looked at.
  expect(said({}, prune)).toEqual([]);
});

test('sets who is in a group that no identity provider fills', () => {
  const groups = [{ name: 'helpers', members: [ada.email] }];
  expect(said({ groups })).toEqual(['create ada@acme.example in group helpers']);
  expect(said({ groups }, prune)).toEqual([
    'create ada@acme.example in group helpers',
    'remove ben@acme.example in group helpers',
    'remove group finance',
  ]);
});

test('waits for people who were never here, and takes nobody for somebody else', () => {
  const users = [{ user: 'eve@acme.example', roles: [{ role: 'viewer', organisation: true as const }] }];
  const plan = makePlan({ version: 1, users }, state(), nothing);
  expect([plan.steps, plan.waiting]).toEqual([[], [expect.stringContaining('eve@acme.example has roles')]]);
  const twice = state({ people: new Map([['Ada', [ada, ben]]]) });
  expect(() => said({ users: [{ user: 'Ada', roles: [] }] }, nothing, twice)).toThrow(
    /2 people are called so/,
  );
});

const misfits: [what: string, file: Partial<OrganisationFile>, message: RegExp][] = [
  [
    'an unknown team',
    {
      groups: [{ name: 'finance', connection: 'acme', claim: 'fin', roles: [{ role: 'editor', team: 'X' }] }],
    },
    /no such team/,
  ],
  [
    'an unknown role',
    {
      groups: [
        { name: 'finance', connection: 'acme', claim: 'fin', roles: [{ role: 'X', team: 'Payments' }] },
      ],
    },
    /no such role/,
  ],
  ['an unknown connection', { groups: [{ name: 'n', connection: 'X' }] }, /neither here nor in the file/],
  [
    'a group with another claim',
    { groups: [{ name: 'finance', connection: 'acme', claim: 'x' }] },
    /cannot be changed/,
  ],
  ['a built-in role', { roles: [{ name: 'editor', permissions: ['flow:read' as const] }] }, /is built in/],
  [
    'an account of an unknown team',
    { accounts: [{ name: 'a', team: 'X', roles: ['viewer'] }] },
    /no such team/,
  ],
  [
    'SSO enforced without a connection that is enabled',
    {
      organisation: { ssoEnforced: true },
      connections: [
        { name: 'acme', issuer: 'https://login.acme.example', clientId: 'causeway', disabled: true },
      ],
    },
    /no connection would be enabled/,
  ],
];

test.each(misfits)('refuses %s', (_what, file, message) => {
  expect(() => said(file)).toThrow(message);
});

test('takes no permissions from a role of the caller who has no other way back', () => {
  const self = { ...state().self, roles: [{ role: 'starter', level: 'organisation' as const }] };
  const file = { roles: [{ name: 'starter', permissions: ['flow:read' as const] }] };
  expect(() => said(file, nothing, state({ self }))).toThrow(/is your own, and would lose flow:run/);
});
