import { randomUUID } from 'node:crypto';
import { permissionsOfRole, principalOfShare } from '@causeway/authz';
import {
  type Principal,
  createGroup,
  createKey,
  createRoleBinding,
  createServiceAccount,
  createTeam,
  deleteRoleBinding,
  explainAccess,
  listRoleBindings,
  listTeams,
  putRole,
  setGroupMember,
  updateServiceAccount,
  updateUser,
} from '@causeway/contracts';
import { newApiKey } from '@causeway/platform';
import { expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-shares-test';
const { bus, admin, principalOf } = await startAuth(ROOT);
const owner = await principalOf(ROOT);
const { organisationId } = owner;
const by = (principal: Principal) => ({ principal, requestId: 'r' });
const name = () => `n ${randomUUID()}`;
const newTeam = () => bus.request(createTeam, { ...by(owner), name: name() });
const [ours, theirs] = [await newTeam(), await newTeam()];

async function newAccount(teamId: string, role: string, place: object = {}) {
  const { id } = await bus.request(createServiceAccount, {
    ...by(owner),
    ...place,
    teamId,
    name: name(),
    role,
  });
  const { secret, ...stored } = newApiKey();
  await bus.request(createKey, { ...by(owner), ...stored, name: 'k', serviceAccountId: id });
  return { id, read: () => principalOf(secret) };
}

/** A person with a key for a team, who has no role yet. */
async function newPerson(teamId: string, permissions = owner.permissions) {
  const id = randomUUID();
  await admin.query(`insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, $4)`, [
    id,
    organisationId,
    teamId,
    name(),
  ]);
  const { secret, ...stored } = newApiKey();
  await admin.query(
    `insert into auth.api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions)
     values ($1, $2, $3, $4, 'k', $5, $6, $7)`,
    [randomUUID(), organisationId, teamId, id, stored.keyHash, stored.masked, permissions],
  );
  return { id, read: () => principalOf(secret) };
}

type Kind = 'user' | 'group' | 'service_account' | 'team';
const give = (kind: Kind, id: string, role: string, place: object, giver = owner) =>
  bus.request(createRoleBinding, { ...by(giver), subject: { kind, id }, role, ...place });
const aFlow = () => ({ teamId: ours.id, projectId: randomUUID(), flowId: randomUUID() });

it('a flow is shared with everybody who has a role in the whole team: by themselves, by a group, or as an account', async () => {
  const place = aFlow();
  const { flowId } = place;
  const binding = await give('team', theirs.id, 'admin', place);
  expect(binding).toMatchObject({
    subject: { kind: 'team', id: theirs.id, name: theirs.name },
    level: 'flow',
  });
  const [account, alone] = [
    await newAccount(theirs.id, 'viewer'),
    await newAccount(theirs.id, 'admin', { projectId: randomUUID(), flowId: randomUUID() }),
  ];
  const [direct, grouped] = [await newPerson(theirs.id), await newPerson(theirs.id)];
  await give('user', direct.id, 'viewer', { teamId: theirs.id });
  const group = await bus.request(createGroup, { ...by(owner), name: name() });
  await bus.request(setGroupMember, { ...by(owner), groupId: group.id, userId: grouped.id, isMember: true });
  await give('group', group.id, 'viewer', { teamId: theirs.id });
  for (const each of [account, direct, grouped]) {
    const there = principalOfShare(await each.read(), { flowId });
    expect(there?.objects?.[0]?.permissions.toSorted()).toEqual([
      'flow:publish',
      'flow:read',
      'flow:run',
      'flow:write',
      'run:cancel',
      'run:read',
    ]);
  }
  // A role for one flow or project only is no role in the whole team.
  expect(principalOfShare(await alone.read(), { flowId })).toBeUndefined();

  const asked = { principal: owner, ...place, subject: { kind: 'user' as const, id: grouped.id } };
  const { permissions } = await bus.request(explainAccess, asked);
  expect(permissions.find(({ permission }) => permission === 'flow:run')).toEqual({
    permission: 'flow:run',
    allowed: true,
    by: [{ role: 'admin', level: 'flow', sharedWith: { id: theirs.id, name: theirs.name } }],
  });
  const { items } = await bus.request(listRoleBindings, { principal: owner, ...place, page: { limit: 500 } });
  expect(items.find(({ id }) => id === binding.id)?.subject.name).toBe(theirs.name);

  await bus.request(deleteRoleBinding, { ...by(owner), bindingId: binding.id });
  expect(principalOfShare(await direct.read(), { flowId })).toBeUndefined();
});

it('a share is no wider than the key, and holds only where the key works in the team', async () => {
  const place = aFlow();
  const third = await newTeam();
  await give('team', theirs.id, 'admin', place);
  const narrow = await newPerson(theirs.id, ['flow:run', 'key:read']);
  const elsewhere = await newPerson(third.id);
  for (const { id } of [narrow, elsewhere])
    for (const team of [theirs, third]) await give('user', id, 'admin', { teamId: team.id });
  expect(principalOfShare(await narrow.read(), place)?.objects?.[0]?.permissions).toEqual(['flow:run']);
  expect(principalOfShare(await elsewhere.read(), place)).toBeUndefined();
  // A role of their own in the flow holds wherever they work.
  await give('user', elsewhere.id, 'runner', place);
  expect(principalOfShare(await elsewhere.read(), place)?.objects?.[0]?.permissions).toContain('flow:run');
});

it('a team gets roles only in single flows of others, from whoever may give them there', async () => {
  const place = aFlow();
  const sharer = await (await newAccount(ours.id, 'admin', place)).read();
  await give('team', theirs.id, 'runner', place, sharer);
  const refused = { code: 'SHARE_REFUSED' };
  await expect(give('team', theirs.id, 'runner', { teamId: ours.id })).rejects.toMatchObject(refused);
  await expect(give('team', theirs.id, 'runner', {})).rejects.toMatchObject(refused);
  await expect(give('team', ours.id, 'runner', place)).rejects.toMatchObject(refused);
  await expect(give('team', theirs.id, 'runner', aFlow(), sharer)).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
  });
  await expect(give('team', randomUUID(), 'runner', place, sharer)).rejects.toMatchObject({
    code: 'SUBJECT_UNKNOWN',
  });
  // With whom they can share, they may find; everybody else sees only their own teams.
  const page = { limit: 500 };
  const { items } = await bus.request(listTeams, { principal: sharer, all: true, page });
  expect(items.map(({ id }) => id)).toContain(theirs.id);
  const viewer = await (await newAccount(ours.id, 'viewer')).read();
  await expect(bus.request(listTeams, { principal: viewer, all: true, page })).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
  });
});

it('a flow that is shared with a team takes nothing from who manages its people, also of groups', async () => {
  const team = await newTeam();
  const [account, person] = [await newAccount(team.id, 'viewer'), await newPerson(team.id)];
  const group = await bus.request(createGroup, { ...by(owner), name: name() });
  for (const [kind, id] of [
    ['user', person.id],
    ['group', group.id],
  ] as const)
    await give(kind, id, 'viewer', { teamId: team.id });
  const manager = name();
  const viewer = [...permissionsOfRole('viewer', undefined, 'team')];
  await bus.request(putRole, { ...by(owner), name: manager, permissions: [...viewer, 'member:write'] });
  const who = await newPerson(team.id);
  await give('user', who.id, manager, {});
  const ofTeam = await (await newAccount(team.id, 'admin')).read();
  // Neither of the two has what is shared.
  await give('team', team.id, 'owner', aFlow());
  const principal = await who.read();
  for (const disabled of [true, false]) {
    const changed = await bus.request(updateServiceAccount, {
      ...by(ofTeam),
      accountId: account.id,
      disabled,
    });
    expect(changed.disabledAt === null).toBe(!disabled);
    const user = await bus.request(updateUser, { ...by(principal), userId: person.id, disabled });
    expect(user.disabledAt === null).toBe(!disabled);
    const member = { groupId: group.id, userId: person.id, isMember: disabled };
    await expect(bus.request(setGroupMember, { ...by(principal), ...member })).resolves.toBeDefined();
  }
});
