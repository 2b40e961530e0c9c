import { randomUUID } from 'node:crypto';
import {
  AuditEvent,
  type Principal,
  accessChanged,
  createGroup,
  createKey,
  createRoleBinding,
  createServiceAccount,
  createTeam,
  deleteGroup,
  explainAccess,
  getSelf,
  listGroupMembers,
  listGroups,
  listUsers,
  setGroupMember,
  updateUser,
} from '@causeway/contracts';
import { newApiKey } from '@causeway/platform';
import { waitFor } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-people-test';
const { bus, admin, principalOf } = await startAuth(ROOT);
const owner = await principalOf(ROOT);
const { organisationId } = owner;
const by = (principal: Principal) => ({ principal, requestId: 'r' });
const name = () => `n ${randomUUID()}`;
const team = await bus.request(createTeam, { ...by(owner), name: name() });

/** A person with a key for the team, who has no role yet. */
async function newPerson(shown = name()) {
  const id = randomUUID();
  await admin.query(
    `insert into auth."user" (id, organisation_id, team_id, name, email) values ($1, $2, $3, $4, 'ada@example.com')`,
    [id, organisationId, team.id, shown],
  );
  const { secret, ...stored } = newApiKey();
  await admin.query(
    `insert into auth.api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions)
     values ($1, $2, $3, $4, 'k', $5, $6, $7)`,
    [randomUUID(), organisationId, team.id, id, stored.keyHash, stored.masked, owner.permissions],
  );
  return { id, name: shown, read: () => principalOf(secret) };
}

const give = (kind: 'user' | 'group', id: string, role: string, place: object = { teamId: team.id }) =>
  bus.request(createRoleBinding, { ...by(owner), subject: { kind, id }, role, ...place });
const member = (groupId: string, userId: string, isMember: boolean, actor = owner) =>
  bus.request(setGroupMember, { ...by(actor), groupId, userId, isMember });
const newGroup = (shown = name()) => bus.request(createGroup, { ...by(owner), name: shown });

describe('a group', () => {
  it('gives its members its roles, names itself in the reason, and takes them away again', async () => {
    const person = await newPerson();
    const group = await newGroup();
    await give('group', group.id, 'editor');
    await expect(person.read()).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });

    await member(group.id, person.id, true);
    const principal = await person.read();
    expect(principal.permissions).toContain('flow:write');
    const explained = await bus.request(explainAccess, { principal, teamId: team.id });
    expect(explained.permissions.find(({ permission }) => permission === 'flow:write')).toEqual({
      permission: 'flow:write',
      allowed: true,
      by: [{ role: 'editor', level: 'team', group: group.name }],
    });
    const ofOther = { subject: { kind: 'user' as const, id: person.id } };
    expect(await bus.request(explainAccess, { principal: owner, teamId: team.id, ...ofOther })).toMatchObject(
      { permissions: explained.permissions },
    );
    expect((await bus.request(getSelf, { principal })).roles).toEqual([
      { role: 'editor', level: 'team', team: team.name, group: group.name },
    ]);

    await member(group.id, person.id, false);
    await expect(person.read()).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
  });

  it('adds up with the roles of a person and of other groups', async () => {
    const person = await newPerson();
    const [first, second] = [await newGroup(), await newGroup()];
    await give('user', person.id, 'viewer');
    await give('group', first.id, 'runner');
    await give('group', second.id, 'admin');
    for (const { id } of [first, second]) await member(id, person.id, true);
    expect((await person.read()).permissions).toContain('member:write');
    await bus.request(deleteGroup, { ...by(owner), groupId: second.id });
    const { permissions } = await person.read();
    expect(permissions).toContain('flow:run');
    expect(permissions).not.toContain('member:write');
    const { rows } = await admin.query(`select from auth.role_binding where subject_id = $1`, [second.id]);
    expect(rows).toEqual([]);
  });

  it('tells gateways and the audit log of each change, and of nothing when there is none', async () => {
    const person = await newPerson();
    const group = await newGroup();
    const told: string[] = [];
    bus.subscribe(accessChanged, undefined, ({ organisationId: changed }) => {
      told.push(changed);
    });
    const events = async () => {
      const { rows } = await admin.query<{ payload: string }>(
        `select payload from auth.outbox where payload like '%group_member.%' and payload like $1 order by id`,
        [`%${group.id}%`],
      );
      return rows.map(({ payload }) => AuditEvent.parse(JSON.parse(payload)));
    };
    await member(group.id, person.id, true);
    await member(group.id, person.id, true);
    await waitFor(() => told.length === 1);
    await member(group.id, person.id, false);
    await waitFor(() => told.length === 2);
    expect(await events()).toMatchObject([
      { action: 'group_member.create', detail: { user: { id: person.id } } },
      { action: 'group_member.delete', detail: { user: { id: person.id } } },
    ]);
  });

  it('is changed only by those who have all that its roles give', async () => {
    const account = await bus.request(createServiceAccount, {
      ...by(owner),
      teamId: team.id,
      name: name(),
      role: 'admin',
    });
    const { secret, ...stored } = newApiKey();
    await bus.request(createKey, { ...by(owner), ...stored, name: 'k', serviceAccountId: account.id });
    const admin1 = await principalOf(secret);
    const [person, group] = [await newPerson(), await newGroup()];
    await give('group', group.id, 'owner', {});
    // member:write in a team is not enough, whoever has it may read who there is.
    await expect(member(group.id, person.id, true, admin1)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    await expect(bus.request(createGroup, { ...by(admin1), name: name() })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect((await bus.request(listGroups, { principal: admin1, page: { limit: 500 } })).items).toContainEqual(
      expect.objectContaining({ id: group.id, members: 0, connection: null }),
    );

    const manager = await newPerson();
    await bus.request(createGroup, { ...by(owner), name: name() });
    await give('user', manager.id, 'admin', {});
    await give('user', manager.id, 'viewer');
    const asManager = await manager.read();
    await expect(member(group.id, person.id, true, asManager)).rejects.toMatchObject({
      code: 'ROLE_TOO_WIDE',
    });
    await expect(bus.request(deleteGroup, { ...by(asManager), groupId: group.id })).rejects.toMatchObject({
      code: 'ROLE_TOO_WIDE',
    });
    const harmless = await newGroup();
    await member(harmless.id, person.id, true, asManager);
    expect(
      (await bus.request(listGroupMembers, { principal: owner, groupId: harmless.id })).items,
    ).toMatchObject([{ id: person.id, name: person.name, email: 'ada@example.com' }]);
  });

  it('has a name of its own, and other ids are unknown', async () => {
    const group = await newGroup();
    await expect(newGroup(group.name)).rejects.toMatchObject({ code: 'GROUP_TAKEN' });
    await expect(member(randomUUID(), owner.id, true)).rejects.toMatchObject({ code: 'GROUP_UNKNOWN' });
    await expect(member(group.id, randomUUID(), true)).rejects.toMatchObject({ code: 'USER_UNKNOWN' });
    await expect(
      bus.request(createGroup, { ...by(owner), name: name(), connection: 'nowhere' }),
    ).rejects.toMatchObject({ code: 'CONNECTION_UNKNOWN' });
    await expect(
      bus.request(createGroup, { ...by(owner), name: name(), claimValue: 'x' }),
    ).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});

describe('a person', () => {
  it('who is disabled has no access, and has it again when enabled', async () => {
    const person = await newPerson();
    await give('user', person.id, 'editor');
    const asked = { ...by(owner), userId: person.id };
    expect(await bus.request(updateUser, { ...asked, disabled: true })).toMatchObject({
      disabledAt: expect.any(String),
    });
    await expect(person.read()).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
    await bus.request(updateUser, { ...asked, disabled: false });
    expect((await person.read()).permissions).toContain('flow:write');
  });

  it('is found by parts of the name and the address, whatever characters the search has', async () => {
    const person = await newPerson('Zoë 100%_\\');
    const find = async (search: string) =>
      (await bus.request(listUsers, { principal: owner, search, page: { limit: 500 } })).items.map(
        ({ id }) => id,
      );
    expect(await find('100%_\\')).toEqual([person.id]);
    expect(await find('ZO')).toEqual([person.id]);
    expect(await find('ADA@')).toContain(person.id);
    expect(await find('%')).toEqual([person.id]);
    expect(await find('nobody')).toEqual([]);
  });

  it('may have the same name as another one', async () => {
    const shown = name();
    expect((await newPerson(shown)).id).not.toBe((await newPerson(shown)).id);
  });

  it('N37: who is the last owner cannot be disabled, and nobody disables who may do more', async () => {
    await expect(
      bus.request(updateUser, { ...by(owner), userId: owner.id, disabled: true }),
    ).rejects.toMatchObject({ code: 'OWNER_LAST' });
    const manager = await newPerson();
    await give('user', manager.id, 'admin', {});
    await give('user', manager.id, 'viewer');
    await expect(
      bus.request(updateUser, { ...by(await manager.read()), userId: owner.id, disabled: true }),
    ).rejects.toMatchObject({ code: 'ROLE_TOO_WIDE' });
    await expect(
      bus.request(updateUser, { ...by(owner), userId: randomUUID(), disabled: true }),
    ).rejects.toMatchObject({ code: 'USER_UNKNOWN' });
  });
});

it('people are found in upper and lower case of every language', async () => {
  const person = await newPerson(`ÉMILE ÖZ ${randomUUID()}`);
  const search = person.name.toLowerCase();
  const { items } = await bus.request(listUsers, { principal: owner, search, page: { limit: 500 } });
  expect(items.map(({ id }) => id)).toEqual([person.id]);
});
