import { randomUUID } from 'node:crypto';
import {
  type AuditEvent,
  DEFAULT_TEAM_ID,
  type Principal,
  createGroup,
  createInvitation,
  createKey,
  createOAuthClient,
  createRoleBinding,
  createServiceAccount,
  createTeam,
  deleteServiceAccount,
  deleteTeam,
  deleteUser,
  endTeamObjects,
  endTeamRuns,
  explainAccess,
  listRoleBindings,
  listServiceAccounts,
  listTeams,
  listUsers,
  putRole,
  setGroupMember,
  updateUser,
} from '@causeway/contracts';
import { newApiKey, newClientSecret, newInvitationToken } from '@causeway/platform';
import { describe, expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-deletion-test';
const { bus, admin, principalOf } = await startAuth(ROOT);
const owner = await principalOf(ROOT);
const { organisationId } = owner;
const by = (principal: Principal) => ({ principal, requestId: 'r' });
const name = () => `n ${randomUUID()}`;
const newTeam = () => bus.request(createTeam, { ...by(owner), name: name() });
const team = await newTeam();
const page = { limit: 500 };
const nothing = { flows: 0, projects: 0, variables: 0, files: 0 };

async function newKey(serviceAccountId: string, maker = owner, permissions = maker.permissions) {
  const { secret, ...stored } = newApiKey();
  await bus.request(createKey, { ...by(maker), ...stored, name: 'k', serviceAccountId, permissions });
  return () => principalOf(secret);
}
async function newAccount(teamId: string, role = 'editor', called = name()) {
  const { id } = await bus.request(createServiceAccount, { ...by(owner), teamId, name: called, role });
  return { id, name: called, read: await newKey(id) };
}

/** A person with an address, a way to sign in and a key, who has a role in the team. */
async function newPerson(role = 'editor', place: object = { teamId: team.id }) {
  const id = randomUUID();
  await admin.query(
    `insert into auth."user" (id, organisation_id, team_id, name, email) values ($1, $2, $3, 'Ada Person', 'ada@person.example')`,
    [id, organisationId, team.id],
  );
  await admin.query(
    `insert into auth.identity (id, organisation_id, issuer, subject, user_id) values ($1, $2, 'https://issuer.example', $3::text, $3::uuid)`,
    [randomUUID(), organisationId, id],
  );
  const session = randomUUID();
  await admin.query(
    `insert into auth.session (id, organisation_id, user_id, team_id, token_hash, address, user_agent, expires_at)
     values ($1, $2, $3, $4, $5, '192.0.2.7', 'Agent', now() + interval '1 day')`,
    [session, organisationId, id, team.id, session.replaceAll('-', '').repeat(2)],
  );
  const { secret, ...stored } = newApiKey();
  await admin.query(
    `insert into auth.api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions)
     values ($1, $2, $3, $4, 'k', $5, $6, $7)`,
    [randomUUID(), organisationId, team.id, id, stored.keyHash, stored.masked, owner.permissions],
  );
  await bus.request(createRoleBinding, {
    ...by(owner),
    subject: { kind: 'user', id },
    role,
    ...place,
  });
  return { id, read: () => principalOf(secret) };
}

/** The audit events of roles that somebody had and that ended. */
async function endedRoles(subjectId: string): Promise<AuditEvent[]> {
  const { rows } = await admin.query<{ payload: string }>(
    `select payload from auth.outbox where payload like '%"role_binding.delete"%' and payload like '%' || $1 || '%'`,
    [subjectId],
  );
  return rows
    .map(({ payload }) => JSON.parse(payload) as AuditEvent)
    .filter(({ detail }) => (detail as { subject: { id: string } }).subject.id === subjectId);
}

/** The audit events about a thing. */
async function told(id: string): Promise<AuditEvent[]> {
  const { rows } = await admin.query<{ payload: string }>(
    `select payload from auth.outbox where payload like '%' || $1 || '%' order by id`,
    [id],
  );
  return rows
    .map(({ payload }) => JSON.parse(payload) as AuditEvent)
    .filter(({ object, action }) => object.id === id && action.endsWith('.delete'));
}

/** A program of an account, or one that acts for people, made by the owner or somebody else. */
async function newClient(serviceAccountId?: string, maker = owner) {
  const { secretHash } = newClientSecret();
  const kind = serviceAccountId === undefined ? ('public' as const) : ('service' as const);
  return bus.request(createOAuthClient, {
    ...by(maker),
    name: name(),
    kind,
    ...(serviceAccountId === undefined
      ? { redirectUris: ['https://program.example/back'] }
      : { serviceAccountId, secretHash }),
  });
}

async function newGrant(userId: string, clientId: string, teamId = team.id): Promise<string> {
  const id = randomUUID();
  await admin.query(
    `insert into auth.oauth_grant (id, organisation_id, team_id, user_id, client_id, permissions, content, expires_at)
     values ($1, $2, $3, $4, $5, '{flow:read}', '{}', now() + interval '1 day')`,
    [id, organisationId, teamId, userId, clientId],
  );
  return id;
}

describe('a service account that is deleted', () => {
  it('is told of with each of its programs', async () => {
    const account = await newAccount(team.id);
    const client = await newClient(account.id);
    await bus.request(deleteServiceAccount, { ...by(owner), accountId: account.id });
    expect(await told(client.id)).toMatchObject([
      { action: 'client.delete', teamId: team.id, detail: { because: 'the service account was deleted' } },
    ]);
  });

  it('ends with its keys, those made with them, and its roles; its name is free again', async () => {
    const account = await newAccount(team.id, 'admin');
    const made = await newAccount(team.id, 'viewer');
    const madeKey = await newKey(made.id, await account.read());
    await bus.request(deleteServiceAccount, { ...by(owner), accountId: account.id });
    for (const read of [account.read, madeKey])
      await expect(read()).rejects.toMatchObject({ code: 'KEY_INVALID' });
    await made.read();
    expect(await endedRoles(account.id)).toMatchObject([
      {
        teamId: team.id,
        actor: { id: owner.id },
        detail: { role: 'admin', level: 'team', objectId: team.id },
      },
    ]);
    const { items } = await bus.request(listServiceAccounts, { principal: owner, teamId: team.id, page });
    expect(items.map(({ id }) => id)).not.toContain(account.id);
    const bindings = await bus.request(listRoleBindings, { principal: owner, teamId: team.id, page });
    expect(bindings.items.map(({ subject }) => subject.id)).not.toContain(account.id);
    await expect(
      bus.request(deleteServiceAccount, { ...by(owner), accountId: account.id }),
    ).rejects.toMatchObject({ code: 'ACCOUNT_UNKNOWN' });
    await newAccount(team.id, 'viewer', account.name);
  });

  it('is deleted only by who may give its roles', async () => {
    const account = await newAccount(team.id, 'admin');
    const read = await newKey(account.id, owner, ['member:read', 'member:write']);
    await expect(
      bus.request(deleteServiceAccount, { ...by(await read()), accountId: account.id }),
    ).rejects.toMatchObject({ code: 'ROLE_TOO_WIDE' });
    await account.read();
  });
});

describe('a person who is deleted', () => {
  it('leaves an id and nothing personal', async () => {
    const person = await newPerson();
    const connection = await admin.query<{ id: string }>(
      `insert into auth.connection (id, organisation_id, name, label, issuer, client_id, groups_claim)
       values (gen_random_uuid(), $1, $2, 'c', 'https://issuer.example', 'c', 'groups') returning id`,
      [
        organisationId,
        name()
          .toLowerCase()
          .replaceAll(/[^a-z0-9]/g, '-'),
      ],
    );
    await admin.query(
      `insert into auth.scim_user (id, organisation_id, connection_id, user_id, user_name_key, content)
       values (gen_random_uuid(), $1, $2, $3, 'ada@person.example', '{"userName":"ada@person.example"}')`,
      [organisationId, connection.rows[0]?.id, person.id],
    );
    const remove = () => bus.request(deleteUser, { ...by(owner), userId: person.id });
    await expect(remove()).rejects.toMatchObject({ code: 'USER_NOT_DISABLED' });
    await bus.request(updateUser, { ...by(owner), userId: person.id, disabled: true });
    await remove();
    await expect(person.read()).rejects.toMatchObject({ code: 'KEY_INVALID' });
    const { rows } = await admin.query(
      'select row_to_json(u)::text as text from auth."user" u where id = $1',
      [person.id],
    );
    expect(rows[0]?.['text']).toMatch(/deleted person/);
    expect(rows[0]?.['text']).not.toMatch(/Ada|person\.example/);
    const tables = await admin.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'auth' and table_type = 'BASE TABLE' and table_name <> 'outbox'`,
    );
    expect(tables.rows.length).toBeGreaterThan(20);
    for (const { name: table } of tables.rows) {
      const found = await admin.query(
        `select from auth."${table}" t where t::text like '%person.example%' or t::text like '%Ada Person%'`,
      );
      expect([table, found.rowCount]).toEqual([table, 0]);
    }
    for (const [table, column] of [
      ['identity', 'user_id'],
      ['session', 'user_id'],
      ['role_binding', 'subject_id'],
    ])
      expect([
        table,
        (await admin.query(`select from auth.${table} where ${column} = $1`, [person.id])).rowCount,
      ]).toEqual([table, 0]);
    const told = await admin.query<{ payload: string }>(
      `select payload from auth.outbox where payload like '%"user.delete"%' and payload like '%' || $1 || '%'`,
      [person.id],
    );
    expect(JSON.parse(told.rows[0]?.payload ?? '{}')).toMatchObject({
      object: { type: 'user', id: person.id },
    });
    expect(told.rows[0]?.payload).not.toContain('Ada');
    expect(await endedRoles(person.id)).toMatchObject([
      {
        teamId: team.id,
        object: { name: 'editor for deleted person' },
        detail: { subject: { kind: 'user', id: person.id, name: 'deleted person' }, objectId: team.id },
      },
    ]);
    const listed = await bus.request(listUsers, { principal: owner, page });
    expect(listed.items.map(({ id }) => id)).not.toContain(person.id);
    for (const again of [
      remove(),
      bus.request(updateUser, { ...by(owner), userId: person.id, disabled: false }),
    ])
      await expect(again).rejects.toMatchObject({ code: 'USER_UNKNOWN' });
  });

  it('is told of with each program, grant, group and password that ends with them', async () => {
    const person = await newPerson();
    const { id: groupId } = await bus.request(createGroup, { ...by(owner), name: name() });
    await bus.request(setGroupMember, { ...by(owner), groupId, userId: person.id, isMember: true });
    await admin.query(`insert into auth.password (user_id, login, hash) values ($1, $2, 'scrypt$x')`, [
      person.id,
      person.id,
    ]);
    const [own, made] = [await newClient(), await newClient()];
    await admin.query('update auth.oauth_client set made_by_user_id = $1 where id = $2', [
      person.id,
      made.id,
    ]);
    const other = await newPerson();
    const grants = [await newGrant(person.id, own.id), await newGrant(other.id, made.id)];
    await bus.request(updateUser, { ...by(owner), userId: person.id, disabled: true });
    await bus.request(deleteUser, { ...by(owner), userId: person.id });
    const because = 'the person was deleted';
    expect(await told(made.id)).toMatchObject([{ action: 'client.delete', detail: { because } }]);
    expect(await told(own.id)).toEqual([]);
    for (const grant of grants)
      expect(await told(grant)).toMatchObject([
        { action: 'grant.delete', teamId: team.id, actor: { id: owner.id }, detail: { because } },
      ]);
    expect(await told(groupId)).toMatchObject([
      { action: 'group_member.delete', detail: { user: { id: person.id, name: 'deleted person' } } },
    ]);
    expect((await told(person.id)).map(({ action }) => action).toSorted()).toEqual([
      'password.delete',
      'user.delete',
    ]);
  });

  it('is none of the last owners', async () => {
    await expect(
      bus.request(updateUser, { ...by(owner), userId: owner.id, disabled: true }),
    ).rejects.toMatchObject({ code: 'OWNER_LAST' });
    await expect(bus.request(deleteUser, { ...by(owner), userId: owner.id })).rejects.toMatchObject({
      code: 'USER_NOT_DISABLED',
    });
  });
});

describe('a team that is deleted', () => {
  const remove = (teamId: string, more: object = {}, actor = owner) =>
    bus.request(deleteTeam, { ...by(actor), teamId, holds: nothing, ...more });

  it('ends with its keys, accounts and roles, and is reported to the registry and the scheduler', async () => {
    const [doomed, other] = [await newTeam(), await newTeam()];
    const account = await newAccount(doomed.id);
    const place = { teamId: other.id, projectId: randomUUID(), flowId: randomUUID() };
    await bus.request(createRoleBinding, {
      ...by(owner),
      subject: { kind: 'team', id: doomed.id },
      role: 'runner',
      ...place,
    });
    const holds = { ...nothing, flows: 2 };
    for (const confirm of [{}, { confirm: other.name }])
      await expect(remove(doomed.id, { holds, ...confirm })).rejects.toMatchObject({
        code: 'TEAM_NOT_EMPTY',
        message: expect.stringContaining('holds 2 flows, 1 service account, 1 key;'),
      });
    await account.read();
    await remove(doomed.id, { holds, confirm: doomed.name });
    await expect(account.read()).rejects.toMatchObject({ code: 'KEY_INVALID' });
    const { items } = await bus.request(listTeams, { principal: owner, page });
    expect(items.map(({ id }) => id)).not.toContain(doomed.id);
    await expect(bus.request(explainAccess, { principal: owner, teamId: doomed.id })).rejects.toMatchObject({
      code: 'TEAM_UNKNOWN',
    });
    const there = await bus.request(listRoleBindings, { principal: owner, ...place, page });
    expect(there.items.map(({ subject }) => subject.id)).not.toContain(doomed.id);
    const told = await admin.query<{ subject: string }>(
      `select subject from auth.outbox where subject = any($1) and team_id = $2 order by subject`,
      [[endTeamObjects.subject, endTeamRuns.subject], doomed.id],
    );
    expect(told.rows.map(({ subject }) => subject)).toEqual([endTeamObjects.subject, endTeamRuns.subject]);
    expect(await endedRoles(account.id)).toMatchObject([
      { teamId: doomed.id, detail: { role: 'editor', objectId: doomed.id } },
    ]);
    // What was shared with it is told to the team that had shared it.
    expect(await endedRoles(doomed.id)).toMatchObject([
      {
        teamId: other.id,
        detail: { subject: { kind: 'team', name: doomed.name }, role: 'runner', objectId: place.flowId },
      },
    ]);
    await expect(remove(doomed.id)).rejects.toMatchObject({ code: 'TEAM_UNKNOWN' });
    await bus.request(createTeam, { ...by(owner), name: doomed.name });
  });

  it('is told of with each account, program, grant and invitation that ends with it', async () => {
    const doomed = await newTeam();
    const account = await newAccount(doomed.id);
    const client = await newClient(account.id);
    const person = await newPerson();
    const grant = await newGrant(person.id, (await newClient()).id, doomed.id);
    const { tokenHash } = newInvitationToken();
    const invited = { name: 'Zoe', role: 'viewer', teamId: doomed.id };
    const invitation = await bus.request(createInvitation, { ...by(owner), ...invited, tokenHash });
    await remove(doomed.id, { confirm: doomed.name });
    for (const [id, action] of [
      [account.id, 'service_account.delete'],
      [client.id, 'client.delete'],
      [grant, 'grant.delete'],
      [invitation.id, 'invitation.delete'],
    ] as const)
      expect(await told(id)).toMatchObject([{ action, detail: { because: 'the team was deleted' } }]);
  });

  it('ends with all of its roles, an event for each, however many they are', async () => {
    const { id } = await newTeam();
    await admin.query(
      `insert into auth.role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id)
       select gen_random_uuid(), $1, 'user', gen_random_uuid(), 'viewer', 'team', $2 from generate_series(1, 1201)`,
      [organisationId, id],
    );
    await remove(id);
    const told = await admin.query<{ event: AuditEvent }>(
      `select payload::jsonb as event from auth.outbox where team_id = $1 and payload like '%"action":"%.delete"%'`,
      [id],
    );
    const actions = Map.groupBy(told.rows, ({ event }) => event.action);
    expect(actions.get('role_binding.delete')).toHaveLength(1201);
    expect(actions.get('team.delete')?.[0]?.event.detail).toMatchObject({ roles: 1201 });
  });

  it('needs no confirmation when it is empty, and the right to make teams', async () => {
    const empty = await newTeam();
    const teamOwner = await (await newAccount(team.id, 'owner')).read();
    await expect(remove(team.id, { confirm: team.name }, teamOwner)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    await remove(empty.id);
  });

  it('ends no key and no role that the caller could not end by itself, and the refusal names it', async () => {
    const doomed = await newTeam();
    const permissions = ['organisation:write', 'member:read', 'flow:read'] as const;
    const role = `r-${randomUUID()}`.slice(0, 40);
    await bus.request(putRole, { ...by(owner), name: role, permissions: [...permissions] });
    const caller = await newPerson(role, {});
    const account = await newAccount(doomed.id);
    const confirm = { confirm: doomed.name };
    await expect(remove(doomed.id, confirm, await caller.read())).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('member:write'),
    });
    // With member:write it is a key or a role that allows more.
    await bus.request(putRole, { ...by(owner), name: role, permissions: [...permissions, 'member:write'] });
    const writing = await caller.read();
    await expect(remove(doomed.id, confirm, writing)).rejects.toMatchObject({
      code: 'ROLE_TOO_WIDE',
      message: expect.stringContaining('editor'),
    });
    await admin.query(`delete from auth.role_binding where subject_id = $1`, [account.id]);
    await expect(remove(doomed.id, confirm, writing)).rejects.toMatchObject({
      code: 'KEY_OF_MORE',
      message: expect.stringMatching(/key [0-9a-f-]{36} also has the permission/),
    });
    const { rows } = await admin.query(
      `select from auth.api_key where team_id = $1 and revoked_at is not null`,
      [doomed.id],
    );
    expect(rows).toEqual([]);
    await remove(doomed.id, confirm);
  });

  it('is never the one that every installation has', async () => {
    const first = (await bus.request(listTeams, { principal: owner, page })).items.find(
      ({ id }) => id === DEFAULT_TEAM_ID,
    );
    await expect(remove(DEFAULT_TEAM_ID, { confirm: first?.name })).rejects.toMatchObject({
      code: 'TEAM_LAST',
    });
  });
});
