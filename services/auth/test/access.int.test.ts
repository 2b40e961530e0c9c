import { randomUUID } from 'node:crypto';
import { builtInRoles } from '@causeway/authz';
import {
  AuditEvent,
  BOOTSTRAP_USER_ID,
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  type InputOf,
  type Permission,
  type Principal,
  accessChanged,
  createKey,
  createRoleBinding,
  createServiceAccount,
  createTeam,
  deleteKey,
  deleteRole,
  deleteRoleBinding,
  explainAccess,
  listAccountKeys,
  listRoleBindings,
  listRoles,
  listServiceAccounts,
  listTeams,
  permissions,
  putRole,
  renameTeam,
  updateServiceAccount,
} from '@causeway/contracts';
import { newApiKey } from '@causeway/platform';
import { waitFor } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-access-test';
const { service: auth, bus, admin, principalOf } = await startAuth(ROOT);
const owner = await principalOf(ROOT);
const by = (principal: Principal) => ({ principal, requestId: 'r' });
const newName = (): string => `n ${randomUUID()}`;
const makeTeam = (name = newName()) => bus.request(createTeam, { ...by(owner), name });

/** Makes a key as the gateway does. */
async function newKey(wanted: Omit<InputOf<typeof createKey>, 'keyHash' | 'masked'>) {
  const { secret, ...stored } = newApiKey();
  return { secret, ...(await bus.request(createKey, { ...wanted, ...stored })) };
}

/** A service account with a role, a key of it, and its principal. */
async function newAccount(teamId: string, role: string, scope?: Permission[]) {
  const account = await bus.request(createServiceAccount, { ...by(owner), teamId, name: newName(), role });
  const wanted = { name: 'k', serviceAccountId: account.id, ...(scope && { permissions: scope }) };
  const { secret, key } = await newKey({ ...by(owner), ...wanted });
  return { account, secret, key, principal: await principalOf(secret) };
}

/** The events about one object that are in the outbox. */
async function toldOf(id: string): Promise<AuditEvent[]> {
  const { rows } = await admin.query('select payload from auth.outbox order by id');
  return rows
    .map(({ payload }) => AuditEvent.parse(JSON.parse(payload)))
    .filter(({ object }) => object.id === id);
}

describe('a team', () => {
  it('is made and renamed by the owner, and the audit log says so', async () => {
    const name = newName();
    const team = await makeTeam(` ${name} `);
    expect(team).toMatchObject({ name });
    await expect(makeTeam(name)).rejects.toMatchObject({ code: 'TEAM_TAKEN' });
    const renamed = await bus.request(renameTeam, { ...by(owner), teamId: team.id, name: `${name} 2` });
    expect(renamed).toEqual({ ...team, name: `${name} 2` });
    expect(await toldOf(team.id)).toMatchObject([
      { action: 'team.create', teamId: team.id, actor: { id: BOOTSTRAP_USER_ID } },
      { action: 'team.update', detail: { formerName: name } },
    ]);
    // Nothing changed, so nothing is told.
    await bus.request(renameTeam, { ...by(owner), teamId: team.id, name: `${name} 2` });
    expect(await toldOf(team.id)).toHaveLength(2);
    const { items } = await bus.request(listTeams, { principal: owner, page: { limit: 500 } });
    expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining([DEFAULT_TEAM_ID, team.id]));
  });

  it('is unknown to those who have no role in it', async () => {
    const [mine, other] = [await makeTeam(), await makeTeam()];
    const { principal } = await newAccount(mine.id, 'admin');
    const { items } = await bus.request(listTeams, { principal, page: { limit: 500 } });
    expect(items).toEqual([mine]);
    const unknown = { code: 'TEAM_UNKNOWN' };
    const teamId = other.id;
    await expect(bus.request(renameTeam, { ...by(principal), teamId, name: 'x' })).rejects.toMatchObject(
      unknown,
    );
    await expect(bus.request(listServiceAccounts, { principal, teamId })).rejects.toMatchObject(unknown);
    await expect(bus.request(listRoleBindings, { principal, teamId })).rejects.toMatchObject(unknown);
    await expect(bus.request(explainAccess, { principal, teamId })).rejects.toMatchObject(unknown);
    await expect(
      bus.request(createServiceAccount, { ...by(principal), teamId, name: 'x', role: 'viewer' }),
    ).rejects.toMatchObject(unknown);
    const denied = { code: 'PERMISSION_DENIED', details: { permission: 'organisation:write' } };
    await expect(bus.request(createTeam, { ...by(principal), name: newName() })).rejects.toMatchObject(
      denied,
    );
    // Not even whether a name is taken.
    await expect(
      bus.request(renameTeam, { ...by(principal), teamId: mine.id, name: other.name }),
    ).rejects.toMatchObject(denied);
  });

  it.each(['', ' ', 'a\u0000b', 'a\uD800', 'x'.repeat(201), randomUUID()])(
    'cannot be named %j',
    async (name) => {
      await expect(makeTeam(name)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    },
  );

  it('is one of at most 1,000 of an organisation', async () => {
    const [organisationId, teamId, id] = [randomUUID(), randomUUID(), randomUUID()];
    await admin.query(`insert into auth.organisation (id, name) values ($1, 'full')`, [organisationId]);
    await admin.query(
      `insert into auth.team (id, organisation_id, name)
       select case when n = 1 then $2::uuid else gen_random_uuid() end, $1, 'team ' || n from generate_series(1, 1000) n`,
      [organisationId, teamId],
    );
    await admin.query(
      `insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, 'u')`,
      [id, organisationId, teamId],
    );
    await admin.query(
      `insert into auth.role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id)
       values (gen_random_uuid(), $1, 'user', $2, 'owner', 'organisation', $1)`,
      [organisationId, id],
    );
    const principal = { ...owner, id, organisationId, teamId, keyId: undefined };
    await expect(bus.request(createTeam, { ...by(principal), name: newName() })).rejects.toMatchObject({
      code: 'LIMIT_REACHED',
      details: { limit: 1_000, what: 'teams' },
    });
    await admin.query(
      `insert into auth.role (id, organisation_id, name, permissions)
       select gen_random_uuid(), $1, 'role ' || n, '{flow:read}' from generate_series(1, 100) n`,
      [organisationId],
    );
    await expect(
      bus.request(putRole, { ...by(principal), name: newName(), permissions: ['flow:read'] }),
    ).rejects.toMatchObject({ code: 'LIMIT_REACHED', details: { limit: 100 } });
    await admin.query(
      `insert into auth.service_account (id, organisation_id, team_id, name)
       select gen_random_uuid(), $1, $2, 'account ' || n from generate_series(1, 500) n`,
      [organisationId, teamId],
    );
    await expect(
      bus.request(createServiceAccount, { ...by(principal), teamId, name: newName(), role: 'viewer' }),
    ).rejects.toMatchObject({ code: 'LIMIT_REACHED', details: { limit: 500 } });
    await admin.query(
      `insert into auth.api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions, expires_at)
       select gen_random_uuid(), $1, $2, $3, 'k', encode(sha256(('one of many ' || n)::bytea), 'hex'), 'sk-', '{}',
              case when n > 499 then now() end
       from generate_series(1, 600) n`,
      [organisationId, teamId, id],
    );
    expect(await newKey({ ...by(principal), name: 'the last' })).toHaveProperty('key');
    await expect(newKey({ ...by(principal), name: 'one more' })).rejects.toMatchObject({
      code: 'LIMIT_REACHED',
      details: { limit: 500 },
    });
  });

  it('pages', async () => {
    const team = await makeTeam();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push((await newAccount(team.id, 'viewer')).account.id);
    const page = await bus.request(listServiceAccounts, {
      principal: owner,
      teamId: team.id,
      page: { limit: 2 },
    });
    const rest = await bus.request(listServiceAccounts, {
      principal: owner,
      teamId: team.id,
      page: { limit: 2, after: page.next },
    });
    expect([...page.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
    expect(rest.next).toBeUndefined();
  });
});

describe('a role', () => {
  it.each(Object.entries(builtInRoles))(
    '%s allows exactly its permissions in the team',
    async (role, held) => {
      const team = await makeTeam();
      const { principal } = await newAccount(team.id, role);
      const ofOrganisation = ['log:read', 'organisation:write'];
      const inTeam = held.filter((permission) => !ofOrganisation.includes(permission));
      expect(principal).toMatchObject({ kind: 'service_account', teamId: team.id });
      expect(principal.permissions.toSorted()).toEqual(inTeam.toSorted());
      expect(principal.grants).toMatchObject([{ role, level: 'team', objectId: team.id }]);
    },
  );

  it('is narrowed by a key', async () => {
    const team = await makeTeam();
    const { principal } = await newAccount(team.id, 'runner', ['flow:run', 'flow:write']);
    expect(principal.permissions).toEqual(['flow:run']);
  });

  it('that is custom can be made, changed and removed, and changes what its holders may do at once', async () => {
    const name = newName();
    const put = (wanted: Permission[], principal = owner) =>
      bus.request(putRole, { ...by(principal), name, permissions: wanted });
    await put(['flow:read', 'flow:read', 'log:read']);
    const team = await makeTeam();
    const { secret, principal } = await newAccount(team.id, name);
    expect(principal.permissions).toEqual(['flow:read']);
    const heard: string[] = [];
    const listening = bus.subscribe(
      accessChanged,
      undefined,
      ({ organisationId }) => void heard.push(organisationId),
    );
    await put(['run:read']);
    await waitFor(() => heard.includes(DEFAULT_ORGANISATION_ID));
    listening.unsubscribe();
    expect((await principalOf(secret)).permissions).toEqual(['run:read']);
    const remove = () => bus.request(deleteRole, { ...by(owner), name });
    await expect(remove()).rejects.toMatchObject({ code: 'ROLE_IN_USE', details: { count: 1 } });
    const { items } = await bus.request(listRoleBindings, { principal: owner, teamId: team.id });
    const [bound] = items.filter(({ subject }) => subject.id === principal.id);
    await bus.request(deleteRoleBinding, { ...by(owner), bindingId: bound?.id as string });
    await expect(principalOf(secret)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
    await remove();
    await expect(remove()).rejects.toMatchObject({ code: 'ROLE_UNKNOWN' });
    expect((await toldOf(name)).map(({ action, detail }) => [action, detail])).toEqual([
      ['role.create', { permissions: ['flow:read', 'log:read'] }],
      ['role.update', { permissions: ['run:read'], formerPermissions: ['flow:read', 'log:read'] }],
      ['role.delete', { formerPermissions: ['run:read'] }],
    ]);
  });

  it('that is built in stays as it is', async () => {
    const builtIn = { code: 'ROLE_BUILT_IN' };
    const change = { ...by(owner), name: 'viewer', permissions: ['flow:read' as const] };
    await expect(bus.request(putRole, change)).rejects.toMatchObject(builtIn);
    await expect(bus.request(deleteRole, { ...by(owner), name: 'owner' })).rejects.toMatchObject(builtIn);
    await expect(
      bus.request(createServiceAccount, {
        ...by(owner),
        teamId: DEFAULT_TEAM_ID,
        name: newName(),
        role: 'constructor',
      }),
    ).rejects.toMatchObject({ code: 'ROLE_UNKNOWN' });
    const { roles } = await bus.request(listRoles, { principal: owner });
    expect(roles.find(({ name }) => name === 'owner')).toEqual({
      name: 'owner',
      isBuiltIn: true,
      permissions: [...permissions],
    });
  });

  it('cannot be made, changed or removed by those who lack one of its permissions', async () => {
    const name = newName();
    await bus.request(putRole, { ...by(owner), name, permissions: ['organisation:write', 'member:write'] });
    const { secret } = await newKey({
      ...by(owner),
      name: 'k',
      permissions: ['organisation:write', 'flow:read'],
    });
    const narrowed = await principalOf(secret);
    const wide = { code: 'ROLE_TOO_WIDE' };
    const put = (wanted: Permission[]) =>
      bus.request(putRole, { ...by(narrowed), name, permissions: wanted });
    await expect(put(['organisation:write', 'flow:run'])).rejects.toMatchObject(wide);
    // Taking a permission away from those who have the role counts, too.
    await expect(put(['organisation:write'])).rejects.toMatchObject({
      ...wide,
      details: { permission: 'member:write' },
    });
    await expect(bus.request(deleteRole, { ...by(narrowed), name })).rejects.toMatchObject(wide);
  });
});

describe('a role binding', () => {
  const bind = (
    principal: Principal,
    subject: { kind: 'user' | 'service_account'; id: string },
    role: string,
    teamId?: string,
  ) =>
    bus.request(createRoleBinding, {
      ...by(principal),
      subject,
      role,
      ...(teamId !== undefined && { teamId }),
    });

  it('adds to the roles that a subject has, once, and ends with an event', async () => {
    const team = await makeTeam();
    const { secret, account } = await newAccount(team.id, 'viewer');
    const subject = { kind: 'service_account', id: account.id } as const;
    const binding = await bind(owner, subject, 'runner', team.id);
    expect(binding).toMatchObject({
      subject: { ...subject, name: account.name },
      role: 'runner',
      objectId: team.id,
    });
    expect(await bind(owner, subject, 'runner', team.id)).toEqual(binding);
    expect((await principalOf(secret)).permissions).toContain('flow:run');
    const listed = await bus.request(listRoleBindings, { principal: owner, teamId: team.id });
    expect(listed.items.map(({ subject: { name }, role, level }) => [name, role, level])).toEqual([
      ['administrator', 'owner', 'organisation'],
      [account.name, 'viewer', 'team'],
      [account.name, 'runner', 'team'],
    ]);
    await bus.request(deleteRoleBinding, { ...by(owner), bindingId: binding.id });
    expect((await principalOf(secret)).permissions).not.toContain('flow:run');
    expect((await toldOf(binding.id)).map(({ action }) => action)).toEqual([
      'role_binding.create',
      'role_binding.delete',
    ]);
  });

  it('gives nobody more than the giver has there', async () => {
    const [team, other] = [await makeTeam(), await makeTeam()];
    const { principal: teamAdmin } = await newAccount(team.id, 'admin');
    const { account, principal: viewer } = await newAccount(team.id, 'viewer');
    const subject = { kind: 'service_account', id: account.id } as const;
    await expect(bind(viewer, subject, 'viewer', team.id)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(await bind(teamAdmin, subject, 'admin', team.id)).toMatchObject({ role: 'admin' });
    const name = newName();
    await bus.request(putRole, { ...by(owner), name, permissions: ['log:read', 'audit:read'] });
    expect(await bind(teamAdmin, subject, name, team.id)).toMatchObject({ role: name });
    await expect(bind(teamAdmin, subject, 'viewer')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await expect(bind(teamAdmin, subject, 'viewer', other.id)).rejects.toMatchObject({
      code: 'TEAM_UNKNOWN',
    });
    // A key that leaves out a permission cannot give a role that has it.
    const scope: Permission[] = permissions.filter((one) => one !== 'variable:write');
    const { principal: narrowed } = await newAccount(team.id, 'admin', scope);
    await expect(bind(narrowed, subject, 'admin', team.id)).rejects.toMatchObject({
      code: 'ROLE_TOO_WIDE',
      details: { role: 'admin', permission: 'variable:write' },
    });
  });

  it('of a service account is only in its team', async () => {
    const [team, other] = [await makeTeam(), await makeTeam()];
    const { account } = await newAccount(team.id, 'viewer');
    const subject = { kind: 'service_account', id: account.id } as const;
    for (const place of [other.id, undefined])
      await expect(bind(owner, subject, 'viewer', place)).rejects.toMatchObject({
        code: 'ACCOUNT_ELSEWHERE',
        details: { name: account.name, team: team.name },
      });
    const { principal: stranger } = await newAccount(other.id, 'admin');
    await expect(bind(stranger, subject, 'viewer', other.id)).rejects.toMatchObject({
      code: 'SUBJECT_UNKNOWN',
    });
    await expect(bind(owner, { kind: 'user', id: account.id }, 'viewer', team.id)).rejects.toMatchObject({
      code: 'SUBJECT_UNKNOWN',
    });
  });

  it('counts as it is when the change is made, not as the caller’s gateway remembers it', async () => {
    const team = await makeTeam();
    const former = await newAccount(team.id, 'admin');
    const { account } = await newAccount(team.id, 'viewer');
    const subject = { kind: 'service_account', id: account.id } as const;
    const { items } = await bus.request(listRoleBindings, { principal: owner, teamId: team.id });
    const binding = items.find(({ subject: { id } }) => id === former.account.id);
    await bus.request(deleteRoleBinding, { ...by(owner), bindingId: binding?.id as string });
    const invalid = { code: 'KEY_INVALID' };
    await expect(bind(former.principal, subject, 'admin', team.id)).rejects.toMatchObject(invalid);
    const revoked = await newAccount(team.id, 'admin');
    await bus.request(deleteKey, { ...by(owner), keyId: revoked.key.id });
    await expect(bind(revoked.principal, subject, 'admin', team.id)).rejects.toMatchObject(invalid);
    await expect(
      newKey({ ...by(revoked.principal), name: 'k', serviceAccountId: account.id }),
    ).rejects.toMatchObject(invalid);
    await expect(
      bus.request(explainAccess, { principal: revoked.principal, teamId: team.id }),
    ).rejects.toMatchObject(invalid);
  });

  it('that is taken away while a change waits for its turn does not count for that change', async () => {
    const team = await makeTeam();
    const former = await newAccount(team.id, 'admin');
    const { account } = await newAccount(team.id, 'viewer');
    const { items } = await bus.request(listRoleBindings, { principal: owner, teamId: team.id });
    const binding = items.find(({ subject: { id } }) => id === former.account.id);
    // Another process of auth is in the middle of a change.
    await admin.query('begin');
    await admin.query(`select pg_advisory_xact_lock(hashtextextended('auth of ' || $1, 0))`, [
      DEFAULT_ORGANISATION_ID,
    ]);
    const subject = { kind: 'service_account', id: account.id } as const;
    const change = bind(former.principal, subject, 'admin', team.id);
    const refused = expect(change).rejects.toMatchObject({ code: 'KEY_INVALID' });
    const waiting = async () => {
      const { rows } = await admin.query(
        `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`,
      );
      return rows[0].n > 0;
    };
    await waitFor(waiting);
    await admin.query('delete from auth.role_binding where id = $1', [binding?.id]);
    await admin.query('commit');
    await refused;
  });

  it('N37: of the last owner who has a key with every permission stays', async () => {
    const id = randomUUID();
    await admin.query(
      `insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, 'cleo')`,
      [id, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID],
    );
    const second = await bind(owner, { kind: 'user', id }, 'owner');
    const { items } = await bus.request(listRoleBindings, { principal: owner });
    const own = items.find(({ subject }) => subject.id === BOOTSTRAP_USER_ID);
    await expect(
      bus.request(deleteRoleBinding, { ...by(owner), bindingId: own?.id as string }),
    ).rejects.toMatchObject({ code: 'KEY_OF_OWNER_LAST' });
    // A key that expires does not replace one that never does.
    const cleo = { ...owner, id, keyId: undefined };
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await newKey({ ...by(cleo), name: 'short', expiresAt });
    await expect(
      bus.request(deleteRoleBinding, { ...by(owner), bindingId: own?.id as string }),
    ).rejects.toMatchObject({ code: 'KEY_OF_OWNER_LAST' });
    await bus.request(deleteRoleBinding, { ...by(owner), bindingId: second.id });
  });

  it('N37: of the last owner stays', async () => {
    const { items } = await bus.request(listRoleBindings, { principal: owner });
    const [last] = items.filter(({ role }) => role === 'owner');
    const remove = () => bus.request(deleteRoleBinding, { ...by(owner), bindingId: last?.id as string });
    await expect(remove()).rejects.toMatchObject({ code: 'OWNER_LAST' });
    const id = randomUUID();
    await admin.query(
      `insert into auth."user" (id, organisation_id, team_id, name, disabled_at) values ($1, $2, $3, 'bea', now())`,
      [id, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID],
    );
    const second = await bind(owner, { kind: 'user', id }, 'owner');
    // A disabled owner is none.
    await expect(remove()).rejects.toMatchObject({ code: 'OWNER_LAST' });
    await bus.request(deleteRoleBinding, { ...by(owner), bindingId: second.id });
  });

  it('cannot be removed from outside its place, and does not exist there', async () => {
    const [team, other] = [await makeTeam(), await makeTeam()];
    const { principal: stranger } = await newAccount(other.id, 'admin');
    const { account } = await newAccount(team.id, 'viewer');
    const { items } = await bus.request(listRoleBindings, { principal: owner, teamId: team.id });
    const bindingId = items.find(({ subject }) => subject.id === account.id)?.id as string;
    const unknown = { code: 'BINDING_UNKNOWN' };
    await expect(bus.request(deleteRoleBinding, { ...by(stranger), bindingId })).rejects.toMatchObject(
      unknown,
    );
    await expect(
      bus.request(deleteRoleBinding, { ...by(owner), bindingId: randomUUID() }),
    ).rejects.toMatchObject(unknown);
  });

  it('is one of at most 50 of a subject', async () => {
    const team = await makeTeam();
    const { account } = await newAccount(team.id, 'viewer');
    const subject = { kind: 'service_account', id: account.id } as const;
    await admin.query(
      `insert into auth.role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id)
       select gen_random_uuid(), $1, 'service_account', $2, 'role ' || n, 'team', $3 from generate_series(1, 49) n`,
      [DEFAULT_ORGANISATION_ID, account.id, team.id],
    );
    await expect(bind(owner, subject, 'runner', team.id)).rejects.toMatchObject({
      code: 'LIMIT_REACHED',
      details: { limit: 50 },
    });
  });
});

describe('a service account', () => {
  it('is renamed, disabled and enabled, and its keys follow', async () => {
    const team = await makeTeam();
    const { account, secret } = await newAccount(team.id, 'viewer');
    const update = (change: { name?: string; disabled?: boolean }) =>
      bus.request(updateServiceAccount, { ...by(owner), accountId: account.id, ...change });
    const name = newName();
    expect(await update({ name, disabled: true })).toMatchObject({ name, disabledAt: expect.any(String) });
    await expect(principalOf(secret)).rejects.toMatchObject({
      code: 'KEY_UNUSABLE',
      message: `This API key cannot be used now: its holder ${name} is disabled.`,
    });
    expect(await update({ disabled: false })).toMatchObject({ name, disabledAt: null });
    expect(await principalOf(secret)).toMatchObject({ name });
    const other = await newAccount(team.id, 'viewer');
    await expect(
      bus.request(updateServiceAccount, { ...by(owner), accountId: other.account.id, name }),
    ).rejects.toMatchObject({ code: 'ACCOUNT_TAKEN' });
  });

  it('is disabled and enabled only by those who have the permissions of its roles', async () => {
    const team = await makeTeam();
    const { account } = await newAccount(team.id, 'admin');
    const name = newName();
    await bus.request(putRole, { ...by(owner), name, permissions: ['member:read', 'member:write'] });
    const { principal } = await newAccount(team.id, name);
    for (const disabled of [true, false]) {
      await expect(
        bus.request(updateServiceAccount, { ...by(principal), accountId: account.id, disabled }),
      ).rejects.toMatchObject({ code: 'ROLE_TOO_WIDE' });
      // Its present state is no change.
      await bus.request(updateServiceAccount, {
        ...by(principal),
        accountId: account.id,
        disabled: !disabled,
      });
      await bus.request(updateServiceAccount, { ...by(owner), accountId: account.id, disabled });
    }
    expect((await toldOf(account.id)).map(({ action }) => action)).toEqual([
      'service_account.create',
      'service_account.update',
      'service_account.update',
    ]);
  });

  it('gets keys only from those who may change its team, with at most their permissions', async () => {
    const [team, other] = [await makeTeam(), await makeTeam()];
    const { account } = await newAccount(team.id, 'runner');
    const { principal: viewer } = await newAccount(team.id, 'viewer');
    const { principal: stranger } = await newAccount(other.id, 'admin');
    const { principal: teamAdmin } = await newAccount(team.id, 'admin');
    const make = (principal: Principal, scope?: Permission[]) =>
      newKey({
        ...by(principal),
        name: 'k',
        serviceAccountId: account.id,
        ...(scope && { permissions: scope }),
      });
    await expect(make(viewer)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await expect(make(stranger)).rejects.toMatchObject({ code: 'ACCOUNT_UNKNOWN' });
    await expect(make(teamAdmin, ['organisation:write'])).rejects.toMatchObject({
      code: 'KEY_SCOPE_TOO_WIDE',
    });
    const { secret, key } = await make(teamAdmin);
    expect((await principalOf(secret)).permissions.toSorted()).toEqual(
      [...(builtInRoles['runner'] ?? [])].toSorted(),
    );
    const list = (principal: Principal) => bus.request(listAccountKeys, { principal, accountId: account.id });
    expect((await list(viewer)).items.map(({ id }) => id)).toContain(key.id);
    await expect(list(stranger)).rejects.toMatchObject({ code: 'ACCOUNT_UNKNOWN' });
    // A stranger does not know the key, a viewer may not revoke it; the team's admin may, and the owner, whose own key is of another team.
    const revoke = (principal: Principal, keyId = key.id) =>
      bus.request(deleteKey, { ...by(principal), keyId });
    await expect(revoke(stranger)).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    await expect(revoke(viewer)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    const byOwner = await make(owner);
    await revoke(teamAdmin, byOwner.key.id);
    await revoke(owner);
    await expect(principalOf(secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect((await list(viewer)).items.map(({ id }) => id)).not.toContain(key.id);
  });
});

describe('revoking a key', () => {
  it('needs the permissions of every key that was made with it', async () => {
    const team = await makeTeam();
    const name = newName();
    await bus.request(putRole, {
      ...by(owner),
      name,
      permissions: ['flow:read', 'member:read', 'member:write'],
    });
    const { principal } = await newAccount(team.id, name);
    const maker = await newAccount(team.id, 'admin');
    const other = await newAccount(team.id, 'editor');
    const made = await newKey({
      ...by(maker.principal),
      name: 'made',
      serviceAccountId: other.account.id,
    });
    // The maker's own key allows no more than the caller may.
    await admin.query(`update auth.role_binding set role = $2 where subject_id = $1`, [
      maker.account.id,
      name,
    ]);
    const revoke = bus.request(deleteKey, { ...by(principal), keyId: maker.key.id });
    await expect(revoke).rejects.toMatchObject({ code: 'KEY_OF_MORE', details: { keyId: made.key.id } });
    expect(await bus.request(deleteKey, { ...by(owner), keyId: maker.key.id })).toEqual({ revoked: 2 });
    await expect(principalOf(made.secret)).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  it('of a disabled account needs what its roles allow', async () => {
    const team = await makeTeam();
    const name = newName();
    await bus.request(putRole, { ...by(owner), name, permissions: ['member:read', 'member:write'] });
    const { principal } = await newAccount(team.id, name);
    const { account, key } = await newAccount(team.id, 'admin');
    await bus.request(updateServiceAccount, { ...by(owner), accountId: account.id, disabled: true });
    await expect(bus.request(deleteKey, { ...by(principal), keyId: key.id })).rejects.toMatchObject({
      code: 'KEY_OF_MORE',
    });
  });
});

describe('making a key for oneself', () => {
  it('needs key:write as it is now', async () => {
    const team = await makeTeam();
    const name = newName();
    const put = (wanted: Permission[]) => bus.request(putRole, { ...by(owner), name, permissions: wanted });
    await put(['flow:read', 'key:write']);
    const { principal } = await newAccount(team.id, name);
    await newKey({ ...by(principal), name: 'k' });
    await put(['flow:read']);
    await expect(newKey({ ...by(principal), name: 'k' })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      details: { permission: 'key:write' },
    });
  });

  it('is for a team of the organisation in which the caller has a role', async () => {
    const [mine, other] = [await makeTeam(), await makeTeam()];
    const { account } = await newAccount(mine.id, 'admin');
    for (const teamId of [other.id, randomUUID()]) {
      const principal = {
        ...owner,
        kind: 'service_account' as const,
        id: account.id,
        teamId,
        keyId: undefined,
      };
      await expect(newKey({ ...by(principal), name: 'k' })).rejects.toMatchObject({
        code: 'KEY_INVALID',
      });
    }
    const stranger = { ...owner, teamId: randomUUID(), keyId: undefined };
    await expect(newKey({ ...by(stranger), name: 'k' })).rejects.toMatchObject({
      code: 'KEY_INVALID',
    });
  });
});

describe('what somebody may do', () => {
  it('is explained by roles, and says what the caller’s key leaves out', async () => {
    const team = await makeTeam();
    const { principal } = await newAccount(team.id, 'editor', ['flow:run', 'member:read']);
    const own = await bus.request(explainAccess, { principal, teamId: team.id });
    const of = (name: Permission) => own.permissions.find(({ permission }) => permission === name);
    expect(own.subject.id).toBe(principal.id);
    expect(of('flow:run')).toEqual({
      permission: 'flow:run',
      allowed: true,
      by: [{ role: 'editor', level: 'team' }],
    });
    expect(of('flow:write')).toMatchObject({ allowed: false, by: [{ role: 'editor' }] });
    expect(of('audit:read')).toMatchObject({ allowed: false, by: [] });
    const elsewhere = await newAccount((await makeTeam()).id, 'viewer');
    const unseen = { kind: 'service_account', id: elsewhere.account.id } as const;
    await expect(
      bus.request(explainAccess, { principal, teamId: team.id, subject: unseen }),
    ).rejects.toMatchObject({ code: 'SUBJECT_UNKNOWN' });
    const sleeping = await newAccount(team.id, 'editor');
    await bus.request(updateServiceAccount, { ...by(owner), accountId: sleeping.account.id, disabled: true });
    const asleep = { kind: 'service_account', id: sleeping.account.id } as const;
    const none = await bus.request(explainAccess, { principal, teamId: team.id, subject: asleep });
    expect(none.permissions.some(({ allowed }) => allowed)).toBe(false);
    const subject = { kind: 'user', id: BOOTSTRAP_USER_ID } as const;
    const others = await bus.request(explainAccess, { principal, teamId: team.id, subject });
    expect(others.permissions.every(({ allowed }) => allowed)).toBe(true);
    const { principal: blind } = await newAccount(team.id, 'editor', ['flow:run']);
    await expect(
      bus.request(explainAccess, { principal: blind, teamId: team.id, subject }),
    ).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });
});

describe('an organisation whose owners have no access any more', () => {
  it('gets its administrator back with another bootstrap key', async () => {
    await admin.query(`delete from auth.role_binding where subject_id = $1`, [BOOTSTRAP_USER_ID]);
    await admin.query(
      `insert into auth.role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id)
       select gen_random_uuid(), $1, 'user', $2, 'role ' || n, 'organisation', $1 from generate_series(1, 50) n`,
      [DEFAULT_ORGANISATION_ID, BOOTSTRAP_USER_ID],
    );
    await admin.query(`update auth."user" set disabled_at = now() where id = $1`, [BOOTSTRAP_USER_ID]);
    await auth.stop();
    await auth.start();
    await expect(principalOf(ROOT)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
    await auth.stop();
    const another = `${ROOT}-2`;
    await auth.start({ CAUSEWAY_BOOTSTRAP_API_KEY: another });
    const { id, permissions: held } = await principalOf(another);
    expect(held).toEqual([...permissions]);
    const { rows } = await admin.query(
      `select id from auth.role_binding where subject_id = $1 and role = 'owner'`,
      [id],
    );
    expect(await toldOf(rows[0].id)).toMatchObject([
      { action: 'role_binding.create', actor: { id: 'auth' } },
    ]);
  });
});
