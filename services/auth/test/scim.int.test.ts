import { randomUUID } from 'node:crypto';
import {
  AuditEvent,
  type Principal,
  accessChanged,
  createGroup,
  createRoleBinding,
  createScim,
  createScimToken,
  createTeam,
  deleteConnection,
  deleteUser,
  deleteScim,
  deleteScimToken,
  describeScim,
  getScim,
  getScimStatus,
  listBarred,
  listGroupMembers,
  listOwned,
  listScim,
  listUsers,
  patchScim,
  putConnection,
  readmitUser,
  replaceScim,
  updateUser,
  verifyScimToken,
} from '@causeway/contracts';
import type { ScimType } from '@causeway/contracts';
import type { JsonObject } from '@causeway/dag';
import { newApiKey, newScimToken } from '@causeway/platform';
import { waitFor } from '@causeway/testing';
import { describe, expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-scim-test';
const { bus, admin, principalOf } = await startAuth(ROOT);
const owner = await principalOf(ROOT);
const { organisationId } = owner;
const by = (principal: Principal) => ({ principal, requestId: 'r' });
const name = () => `n ${randomUUID()}`;
const team = await bus.request(createTeam, { ...by(owner), name: name() });
const base = 'https://causeway.example/scim/v2';

/** A connection with a token, as its identity provider uses it. */
async function connect(scimIdClaim?: string) {
  const connection = `c-${randomUUID()}`.slice(0, 40);
  const fields = {
    issuer: `https://${connection}.example`,
    clientId: 'c',
    ...(scimIdClaim && { scimIdClaim }),
  };
  const { id } = await bus.request(putConnection, { ...by(owner), name: connection, fields });
  const makeToken = async () => {
    const { tokenHash } = newScimToken();
    const token = await bus.request(createScimToken, { ...by(owner), connection, tokenHash });
    return { ...token, tokenHash };
  };
  const token = await makeToken();
  const { principal } = await bus.request(verifyScimToken, { tokenHash: token.tokenHash });
  const shown = { base };
  const one = async (answer: Promise<{ resource: JsonObject }>) => (await answer).resource as Shown;
  return {
    id,
    name: connection,
    token,
    principal,
    makeToken,
    create: (type: ScimType, resource: JsonObject) =>
      one(bus.request(createScim, { ...by(principal), type, resource, ...shown })),
    get: (type: ScimType, resourceId: string) =>
      one(bus.request(getScim, { principal, type, id: resourceId, ...shown })),
    replace: (type: ScimType, resourceId: string, resource: JsonObject) =>
      one(bus.request(replaceScim, { ...by(principal), type, id: resourceId, resource, ...shown })),
    patch: (type: ScimType, resourceId: string, ...operations: JsonObject[]) =>
      one(
        bus.request(patchScim, {
          ...by(principal),
          type,
          id: resourceId,
          patch: { Operations: operations },
          ...shown,
        }),
      ),
    delete: (type: ScimType, resourceId: string) =>
      bus.request(deleteScim, { ...by(principal), type, id: resourceId }),
    list: async (
      type: ScimType,
      more: { filter?: string; startIndex?: number; count?: number; excludedAttributes?: string } = {},
    ) =>
      (await bus.request(listScim, { principal, type, ...shown, ...more })).resource as unknown as {
        totalResults: number;
        startIndex: number;
        itemsPerPage: number;
        Resources: Shown[];
      },
  };
}

interface Shown extends JsonObject {
  id: string;
  userName: string;
  active: boolean;
}

/** Somebody who has signed in by a connection. */
async function newArrival(connectionId: string, subject: string, scimId: string | null = subject) {
  const id = randomUUID();
  await admin.query(
    `insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, 'arrived')`,
    [id, organisationId, team.id],
  );
  await admin.query(
    `insert into auth.identity (id, organisation_id, issuer, subject, user_id, connection_id, scim_id)
     values ($1, $2, 'https://issuer.example', $3, $4, $5, $6)`,
    [randomUUID(), organisationId, subject, id, connectionId, scimId],
  );
  return id;
}

const userIdOf = async (scimId: string): Promise<string> =>
  (await admin.query<{ user_id: string }>(`select user_id from auth.scim_user where id = $1`, [scimId]))
    .rows[0]?.user_id ?? '';
const isDisabled = async (userId: string): Promise<boolean> =>
  (
    await admin.query<{ d: boolean }>(`select disabled_at is not null as d from auth."user" where id = $1`, [
      userId,
    ])
  ).rows[0]?.d === true;
const giveKey = async (userId: string): Promise<string> => {
  const { secret, ...stored } = newApiKey();
  await admin.query(
    `insert into auth.api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions)
     values ($1, $2, $3, $4, 'k', $5, $6, $7)`,
    [randomUUID(), organisationId, team.id, userId, stored.keyHash, stored.masked, owner.permissions],
  );
  return secret;
};
const refused = (code: string, scimType?: string) =>
  expect.objectContaining({
    code,
    ...(scimType !== undefined && { details: expect.objectContaining({ scimType }) }),
  });
const acme = await connect();
const other = await connect();
const newUser = (more: JsonObject = {}) => acme.create('User', { userName: name(), ...more });

describe('a SCIM token', () => {
  it('acts for its connection, and for nothing else', async () => {
    expect(acme.principal).toMatchObject({
      kind: 'scim',
      id: acme.id,
      organisationId,
      tokenId: acme.token.id,
      permissions: [],
    });
    await expect(bus.request(listUsers, { principal: acme.principal })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    await expect(bus.request(listScim, { principal: owner, type: 'User', base })).rejects.toMatchObject({
      code: 'SCIM_TOKEN_NEEDED',
    });
  });

  it('is one of two at most, is replaced without a gap, and ends at once', async () => {
    const connection = await connect();
    const second = await connection.makeToken();
    await expect(connection.makeToken()).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    await bus.request(deleteScimToken, {
      ...by(owner),
      connection: connection.name,
      tokenId: connection.token.id,
    });
    await expect(
      bus.request(verifyScimToken, { tokenHash: connection.token.tokenHash }),
    ).rejects.toMatchObject({
      code: 'SCIM_TOKEN_INVALID',
    });
    // Also a message that was under way with it.
    await expect(connection.create('User', { userName: 'late' })).rejects.toEqual(
      refused('SCIM_TOKEN_INVALID'),
    );
    await bus.request(verifyScimToken, { tokenHash: second.tokenHash });
    const status = await bus.request(getScimStatus, { principal: owner, connection: connection.name });
    expect(status).toMatchObject({ idClaim: 'sub', people: 0, groups: 0, tokens: [{ id: second.id }] });
    expect(status.tokens[0]?.lastUsedAt).not.toBeNull();
  });

  it('ends with its connection, and while that is disabled', async () => {
    const connection = await connect();
    const { tokenHash } = connection.token;
    const fields = { issuer: `https://${connection.name}.example`, clientId: 'c' };
    const put = (disabled: boolean) =>
      bus.request(putConnection, { ...by(owner), name: connection.name, fields: { ...fields, disabled } });
    await put(true);
    await expect(bus.request(verifyScimToken, { tokenHash })).rejects.toEqual(refused('SCIM_TOKEN_INVALID'));
    await put(false);
    await bus.request(verifyScimToken, { tokenHash });
    await bus.request(deleteConnection, { ...by(owner), name: connection.name });
    await expect(bus.request(verifyScimToken, { tokenHash })).rejects.toEqual(refused('SCIM_TOKEN_INVALID'));
    const { rows } = await admin.query<{ payload: string }>(
      `select payload from auth.outbox where payload like '%scim_token.delete%' and payload like '%' || $1 || '%'`,
      [connection.token.id],
    );
    expect(rows.map(({ payload }) => AuditEvent.parse(JSON.parse(payload)))).toMatchObject([
      {
        object: { type: 'scim_token', id: connection.token.id },
        detail: { connection: connection.name, because: 'the connection was removed' },
      },
    ]);
  });

  it('is made and ended only by those who may change connections', async () => {
    const person = await newArrival(acme.id, name());
    await bus.request(createRoleBinding, {
      ...by(owner),
      subject: { kind: 'user', id: person },
      role: 'admin',
    });
    const administrator = await principalOf(await giveKey(person));
    const { tokenHash } = newScimToken();
    const ofAcme = { ...by(administrator), connection: acme.name };
    await expect(bus.request(createScimToken, { ...ofAcme, tokenHash })).rejects.toEqual(
      refused('PERMISSION_DENIED'),
    );
    await expect(bus.request(deleteScimToken, { ...ofAcme, tokenId: acme.token.id })).rejects.toEqual(
      refused('PERMISSION_DENIED'),
    );
  });

  it('is listed among what the person owns who made it, because they may know it', async () => {
    const owned = await bus.request(listOwned, { principal: owner, userId: owner.id });
    expect(owned.scimTokens).toContainEqual({ id: acme.token.id, connection: acme.name });
  });

  it('sees nothing of another connection', async () => {
    const ann = await newUser();
    const staff = await acme.create('Group', { displayName: name(), members: [{ value: ann.id }] });
    await expect(other.get('User', ann.id)).rejects.toEqual(refused('SCIM_UNKNOWN'));
    await expect(other.get('Group', staff.id)).rejects.toEqual(refused('SCIM_UNKNOWN'));
    await expect(
      other.patch('User', ann.id, { op: 'replace', path: 'active', value: false }),
    ).rejects.toEqual(refused('SCIM_UNKNOWN'));
    await expect(other.delete('User', ann.id)).rejects.toEqual(refused('SCIM_UNKNOWN'));
    expect((await other.list('User', { filter: `id eq "${ann.id}"` })).totalResults).toBe(0);
    expect((await other.list('Group')).totalResults).toBe(0);
    // Somebody of another connection is nobody in a group of this one.
    const theirs = await other.create('Group', { displayName: name(), members: [{ value: ann.id }] });
    expect(theirs['members']).toBeUndefined();
  });
});

describe('a person whom SCIM sends', () => {
  it('exists before they sign in, with all that was sent, and an id of SCIM’s own', async () => {
    const sent = {
      userName: `Ann.${randomUUID()}`,
      externalId: randomUUID(),
      name: { givenName: 'Ann', familyName: 'Example' },
      emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
      active: true,
    };
    const ann = await acme.create('User', { ...sent, favourite: 'blue', password: 'a secret' });
    expect(ann).toMatchObject({
      ...sent,
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      meta: { resourceType: 'User', location: `${base}/Users/${ann.id}` },
    });
    expect(JSON.stringify(ann)).not.toMatch(/favourite|secret/);
    expect(await acme.get('User', ann.id)).toEqual(ann);
    const userId = await userIdOf(ann.id);
    expect(userId).not.toBe(ann.id);
    const { rows } = await admin.query(`select name, email, last_sign_in_at from auth."user" where id = $1`, [
      userId,
    ]);
    expect(rows).toEqual([{ name: 'Ann Example', email: 'ann@example.com', last_sign_in_at: null }]);
  });

  it('has a verified address only after a sign-in, until another one is sent', async () => {
    const emails = [{ value: 'eve@example.com', primary: true }];
    const sent = { userName: `Eve.${randomUUID()}`, emails };
    const eve = await acme.create('User', sent);
    const userId = await userIdOf(eve.id);
    const isVerified = async (): Promise<boolean | undefined> =>
      (
        await admin.query<{ email_verified: boolean }>(
          'select email_verified from auth."user" where id = $1',
          [userId],
        )
      ).rows[0]?.email_verified;
    expect(await isVerified()).toBe(false);
    await admin.query('update auth."user" set email_verified = true where id = $1', [userId]);
    await acme.replace('User', eve.id, { ...sent, displayName: 'Eve' });
    expect(await isVerified()).toBe(true);
    await acme.replace('User', eve.id, { ...sent, emails: [{ value: 'ceo@victim.example', primary: true }] });
    expect(await isVerified()).toBe(false);
  });

  it.each(['1', '42', owner.id, organisationId, team.id])(
    'N36: with the externalId %s is somebody else than whatever here has that id',
    async (externalId) => {
      const connection = await connect();
      const sent = await connection.create('User', { userName: name(), externalId });
      expect(sent['externalId']).toBe(externalId);
      const userId = await userIdOf(sent.id);
      expect([owner.id, organisationId, team.id]).not.toContain(userId);
      await connection.patch('User', sent.id, { op: 'replace', path: 'active', value: false });
      expect(await isDisabled(owner.id)).toBe(false);
      expect(
        (await connection.list('User', { filter: `externalId eq "${externalId}"` })).Resources,
      ).toMatchObject([{ id: sent.id }]);
      // Our own id of a person is no id of SCIM’s.
      await expect(connection.get('User', userId)).rejects.toEqual(refused('SCIM_UNKNOWN'));
      await expect(connection.get('User', externalId)).rejects.toEqual(refused('SCIM_UNKNOWN'));
    },
  );

  it('N36: with a number for the externalId is refused', async () => {
    await expect(newUser({ externalId: 1 })).rejects.toEqual(refused('SCIM_INVALID', 'invalidValue'));
  });

  it('is whoever signed in with the same id before, and nobody with the same name or address', async () => {
    const subject = randomUUID();
    const arrived = await newArrival(acme.id, subject);
    await admin.query(`update auth."user" set email = 'same@example.com', name = 'Same' where id = $1`, [
      arrived,
    ]);
    const namesake = await newUser({ displayName: 'Same', emails: [{ value: 'same@example.com' }] });
    expect(await userIdOf(namesake.id)).not.toBe(arrived);
    const sent = await newUser({ externalId: subject, displayName: 'Ann' });
    expect(await userIdOf(sent.id)).toBe(arrived);
    await expect(newUser({ externalId: subject })).rejects.toEqual(refused('SCIM_TAKEN'));
    // Of another connection it is somebody else, whatever they are called there.
    const elsewhere = await other.create('User', { userName: name(), externalId: subject });
    expect(await userIdOf(elsewhere.id)).not.toBe(arrived);
  });

  it('is recognised by the claim that the connection names, and not by what another one said before', async () => {
    const entra = await connect('oid');
    const [oid, subject] = [randomUUID(), randomUUID()];
    const arrived = await newArrival(entra.id, subject, oid);
    const bySubject = await entra.create('User', { userName: name(), externalId: subject });
    expect(await userIdOf(bySubject.id)).not.toBe(arrived);
    const fields = { issuer: `https://${entra.name}.example`, clientId: 'c', scimIdClaim: 'employee_id' };
    await bus.request(putConnection, { ...by(owner), name: entra.name, fields });
    const late = await entra.create('User', { userName: name(), externalId: oid });
    expect(await userIdOf(late.id)).not.toBe(arrived);
  });

  it('is nobody yet when several people have signed in with the id', async () => {
    const entra = await connect('department_id');
    await newArrival(entra.id, randomUUID(), 'same');
    await newArrival(entra.id, randomUUID(), 'same');
    await expect(entra.create('User', { userName: name(), externalId: 'same' })).rejects.toEqual(
      refused('SCIM_INVALID', 'invalidValue'),
    );
  });

  it('keeps the externalId for ever, because it says who may sign in as them', async () => {
    const ann = await newUser({ externalId: randomUUID() });
    const change = { op: 'replace', path: 'externalId', value: randomUUID() };
    await expect(acme.patch('User', ann.id, change)).rejects.toEqual(refused('SCIM_INVALID', 'mutability'));
    await expect(acme.replace('User', ann.id, { userName: ann.userName, externalId: 'x' })).rejects.toEqual(
      refused('SCIM_INVALID', 'mutability'),
    );
    const { externalId } = await acme.replace('User', ann.id, { userName: ann.userName });
    expect(externalId).toBe(ann['externalId']);
  });

  it('gets an externalId later, and is then one person with whoever signed in with it', async () => {
    const subject = randomUUID();
    const arrived = await newArrival(acme.id, subject);
    const ann = await newUser();
    const shell = await userIdOf(ann.id);
    const staff = await acme.create('Group', { displayName: name(), members: [{ value: ann.id }] });
    await bus.request(createRoleBinding, {
      ...by(owner),
      subject: { kind: 'user', id: shell },
      role: 'viewer',
      teamId: team.id,
    });
    const next = await acme.patch('User', ann.id, { op: 'add', path: 'externalId', value: subject });
    expect(next).toMatchObject({ id: ann.id, externalId: subject, groups: [{ value: staff.id }] });
    expect(await userIdOf(ann.id)).toBe(arrived);
    const { rows } = await admin.query(`select id from auth."user" where id = $1`, [shell]);
    expect(rows).toEqual([]);
    const bindings = await admin.query(`select role from auth.role_binding where subject_id = $1`, [arrived]);
    expect(bindings.rows).toEqual([{ role: 'viewer' }]);
  });

  it('is told of with the roles and groups that became those of the other, and with the groups that they leave', async () => {
    const subject = randomUUID();
    const arrived = await newArrival(acme.id, subject);
    const ann = await newUser({ displayName: 'Ann' });
    const shell = await userIdOf(ann.id);
    const staff = await acme.create('Group', { displayName: name(), members: [{ value: ann.id }] });
    const { rows } = await admin.query<{ id: string }>(
      'select group_id as id from auth.scim_group where id = $1',
      [staff.id],
    );
    const groupId = rows[0]?.id ?? '';
    const given = { ...by(owner), subject: { kind: 'user' as const, id: shell }, role: 'viewer' };
    const { id: bindingId } = await bus.request(createRoleBinding, { ...given, teamId: team.id });
    await acme.patch('User', ann.id, { op: 'add', path: 'externalId', value: subject });
    const events = async (objectId: string, userId: string) => {
      const found = await admin.query<{ payload: string }>(
        `select payload from auth.outbox where payload like '%' || $1 || '%' and payload like '%' || $2 || '%' order by id`,
        [objectId, userId],
      );
      return found.rows
        .map(({ payload }) => AuditEvent.parse(JSON.parse(payload)))
        .filter(({ object }) => object.id === objectId)
        .map(({ action, actor }) => `${action} by ${actor.kind}`);
    };
    expect(await events(bindingId, shell)).toEqual([
      'role_binding.create by user',
      'role_binding.delete by scim',
    ]);
    expect(await events(bindingId, arrived)).toEqual(['role_binding.create by scim']);
    expect(await events(groupId, shell)).toEqual([
      'group_member.create by scim',
      'group_member.delete by scim',
    ]);
    expect(await events(groupId, arrived)).toEqual(['group_member.create by scim']);
    expect(await events(shell, arrived)).toEqual(['user.delete by scim']);
    await acme.delete('User', ann.id);
    expect(await events(groupId, arrived)).toEqual([
      'group_member.create by scim',
      'group_member.delete by scim',
    ]);
  });

  it('is two people when somebody signed in as both, and one again when what was sent of the first was deleted there', async () => {
    const entra = await connect('oid');
    const [subject, oid] = [randomUUID(), randomUUID()];
    const arrived = await newArrival(entra.id, subject, oid);
    const former = await entra.create('User', { userName: name(), externalId: oid });
    const late = await entra.create('User', { userName: name() });
    const change = { op: 'add', path: 'externalId', value: 'e2' };
    await admin.query(`update auth.identity set scim_id = 'e2' where user_id = $1`, [arrived]);
    await expect(entra.patch('User', late.id, change)).rejects.toEqual(refused('SCIM_TAKEN'));
    await entra.delete('User', former.id);
    const shell = await userIdOf(late.id);
    await giveKey(shell);
    await expect(entra.patch('User', late.id, change)).rejects.toEqual(refused('PERSON_DIVIDED'));
    await admin.query(`update auth.api_key set revoked_at = now() where user_id = $1`, [shell]);
    await admin.query(`delete from auth.api_key where user_id = $1`, [shell]);
    await entra.patch('User', late.id, change);
    expect(await userIdOf(late.id)).toBe(arrived);
  });

  it('has a user name that nobody else of the connection has, in whatever case', async () => {
    const ann = await newUser();
    await expect(newUser({ userName: ann.userName.toUpperCase() })).rejects.toEqual(refused('SCIM_TAKEN'));
    const bob = await newUser();
    await expect(
      acme.patch('User', bob.id, { op: 'replace', path: 'userName', value: ann.userName }),
    ).rejects.toEqual(refused('SCIM_TAKEN'));
    await acme.patch('User', ann.id, { op: 'replace', path: 'userName', value: ann.userName.toUpperCase() });
    expect((await other.create('User', { userName: ann.userName })).userName).toBe(ann.userName);
  });

  it('loses everything when deactivated, and gets back what the provider took', async () => {
    const ann = await newUser();
    const userId = await userIdOf(ann.id);
    await bus.request(createRoleBinding, {
      ...by(owner),
      subject: { kind: 'user', id: userId },
      role: 'viewer',
      teamId: team.id,
    });
    const key = await giveKey(userId);
    await principalOf(key);
    const told: string[] = [];
    bus.subscribe(accessChanged, undefined, ({ organisationId: changed }) => {
      told.push(changed);
    });
    const off = await acme.patch('User', ann.id, { op: 'Replace', path: 'active', value: 'False' });
    expect(off.active).toBe(false);
    await waitFor(() => told.length === 1);
    await expect(principalOf(key)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
    // A company sends thousands of people at once, and gateways must not forget all keys for each of them.
    await newUser();
    await acme.patch('User', ann.id, { op: 'replace', path: 'title', value: 'x' });
    expect((await acme.patch('User', ann.id, { op: 'replace', value: { active: true } })).active).toBe(true);
    await principalOf(key);
    await waitFor(() => told.length >= 2);
    expect(told).toHaveLength(2);
  });

  it('stays disabled when an administrator did it, whatever the provider says', async () => {
    const ann = await newUser();
    const userId = await userIdOf(ann.id);
    await bus.request(updateUser, { ...by(owner), userId, disabled: true });
    const next = await acme.replace('User', ann.id, { userName: ann.userName, active: true, title: 'x' });
    expect(next.active).toBe(false);
    await acme.patch('User', ann.id, { op: 'replace', path: 'active', value: false });
    await acme.patch('User', ann.id, { op: 'replace', path: 'active', value: true });
    expect(await isDisabled(userId)).toBe(true);
  });

  it('stays disabled when an administrator did it after the provider had', async () => {
    const ann = await newUser();
    const userId = await userIdOf(ann.id);
    await acme.patch('User', ann.id, { op: 'replace', path: 'active', value: false });
    await bus.request(updateUser, { ...by(owner), userId, disabled: true });
    await acme.patch('User', ann.id, { op: 'replace', path: 'active', value: true });
    expect(await isDisabled(userId)).toBe(true);
  });

  it('who was deleted and is sent again is enabled too when the externalId comes later', async () => {
    const externalId = randomUUID();
    const ann = await newUser({ externalId });
    const userId = await userIdOf(ann.id);
    await acme.delete('User', ann.id);
    const again = await newUser({ userName: ann.userName });
    await acme.patch('User', again.id, { op: 'replace', path: 'externalId', value: externalId });
    expect(await userIdOf(again.id)).toBe(userId);
    expect(await isDisabled(userId)).toBe(false);
  });

  it('who was deleted here is not sent again until they are readmitted, whatever the provider calls them by', async () => {
    const connection = await connect();
    const gone = async (sent: JsonObject) => {
      const userId = await userIdOf((await connection.create('User', sent)).id);
      await bus.request(updateUser, { ...by(owner), userId, disabled: true });
      await bus.request(deleteUser, { ...by(owner), userId });
      return userId;
    };
    const externalId = randomUUID();
    const known = await gone({ userName: name(), externalId });
    const userName = name();
    const unnamed = await gone({ userName });
    const byId = () => connection.create('User', { userName: name(), externalId });
    const byName = () => connection.create('User', { userName: userName.toUpperCase() });
    for (const again of [byId, byName]) await expect(again()).rejects.toEqual(refused('PERSON_BARRED'));
    // Nor by an id that is given to somebody later.
    const late = await connection.create('User', { userName: name() });
    const change = { op: 'add', path: 'externalId', value: externalId };
    await expect(connection.patch('User', late.id, change)).rejects.toEqual(refused('PERSON_BARRED'));
    // Somebody who has an id of their own is recognised by nothing else, and ids of another connection are others.
    await connection.create('User', { userName, externalId: randomUUID() });
    await other.create('User', { userName, externalId });
    const { items } = await bus.request(listBarred, { principal: owner, page: { limit: 500 } });
    expect(items.filter((one) => one.connection === connection.name).map((one) => one.userId)).toEqual([
      known,
      unnamed,
    ]);
    await bus.request(readmitUser, { ...by(owner), userId: known });
    expect(await userIdOf((await byId()).id)).not.toBe(known);
    await expect(byName()).rejects.toEqual(refused('SCIM_TAKEN'));
  });

  it('who has only signed in and was deleted is not sent by SCIM either', async () => {
    const connection = await connect();
    const subjects = [randomUUID(), randomUUID()];
    const scimIds = [subjects[0] ?? '', null];
    for (const [index, subject] of subjects.entries()) {
      const userId = await newArrival(connection.id, subject, scimIds[index] ?? null);
      await bus.request(updateUser, { ...by(owner), userId, disabled: true });
      await bus.request(deleteUser, { ...by(owner), userId });
      await expect(connection.create('User', { userName: name(), externalId: subject })).rejects.toEqual(
        refused('PERSON_BARRED'),
      );
    }
  });

  it('stays barred by another connection to the same provider when one is removed, and by none when the last is', async () => {
    const [first, second] = [await connect(), await connect()];
    const issuer = `https://${first.name}.example`;
    const fields = { issuer, clientId: 'c' };
    await bus.request(putConnection, { ...by(owner), name: second.name, fields });
    const userId = await newArrival(first.id, randomUUID());
    await bus.request(updateUser, { ...by(owner), userId, disabled: true });
    await bus.request(deleteUser, { ...by(owner), userId });
    const barredBy = async () => {
      const { items } = await bus.request(listBarred, { principal: owner, page: { limit: 500 } });
      return items.filter((one) => one.userId === userId).map((one) => one.connection);
    };
    expect(await barredBy()).toEqual([first.name]);
    await bus.request(deleteConnection, { ...by(owner), name: first.name });
    expect(await barredBy()).toEqual([second.name]);
    await bus.request(deleteConnection, { ...by(owner), name: second.name });
    expect(await barredBy()).toEqual([]);
  });

  it('keeps the connection from becoming one to another provider, by whose ids others could be meant', async () => {
    const left = await connect();
    const put = (issuer: string) =>
      bus.request(putConnection, { ...by(owner), name: left.name, fields: { issuer, clientId: 'c' } });
    const arrived = await newArrival(left.id, '1001');
    const ann = await left.create('User', { userName: name(), externalId: randomUUID() });
    await expect(put('https://new.example')).rejects.toEqual(refused('CONNECTION_IN_USE'));
    await admin.query('delete from auth.scim_user where id = $1', [ann.id]);
    await put('https://new.example');
    const next = await left.create('User', { userName: name(), externalId: '1001' });
    expect(await userIdOf(next.id)).not.toBe(arrived);
  });

  it('is hidden when deleted, with their history and their name free, and is the same person when sent again', async () => {
    const externalId = randomUUID();
    const ann = await newUser({ externalId });
    const userId = await userIdOf(ann.id);
    const staff = await acme.create('Group', { displayName: name(), members: [{ value: ann.id }] });
    await acme.delete('User', ann.id);
    await expect(acme.get('User', ann.id)).rejects.toEqual(refused('SCIM_UNKNOWN'));
    await expect(acme.delete('User', ann.id)).rejects.toEqual(refused('SCIM_UNKNOWN'));
    expect((await acme.list('User', { filter: `externalId eq "${externalId}"` })).totalResults).toBe(0);
    expect((await acme.get('Group', staff.id))['members']).toBeUndefined();
    expect(await isDisabled(userId)).toBe(true);
    const again = await newUser({ userName: ann.userName, externalId });
    expect(again.id).not.toBe(ann.id);
    expect(await userIdOf(again.id)).toBe(userId);
    expect(await isDisabled(userId)).toBe(false);
  });

  it('who is the last owner cannot be deactivated or deleted', async () => {
    const subject = randomUUID();
    await admin.query(
      `insert into auth.identity (id, organisation_id, issuer, subject, user_id, connection_id, scim_id)
       values ($1, $2, 'https://issuer.example', $3, $4, $5, $3)`,
      [randomUUID(), organisationId, subject, owner.id, acme.id],
    );
    const last = await newUser({ externalId: subject });
    expect(await userIdOf(last.id)).toBe(owner.id);
    await expect(
      acme.patch('User', last.id, { op: 'replace', path: 'active', value: false }),
    ).rejects.toEqual(refused('OWNER_LAST'));
    await expect(acme.delete('User', last.id)).rejects.toEqual(refused('OWNER_LAST'));
    expect((await acme.get('User', last.id)).active).toBe(true);
  });

  it('changes nothing, and tells nobody, when it is so already', async () => {
    const ann = await newUser({ title: 'x', name: { familyName: 'E', givenName: 'A' } });
    const count = async () =>
      (await admin.query(`select from auth.outbox where payload like $1`, [`%${ann.userName}%`])).rowCount;
    const before = await count();
    const { meta: _meta, ...rest } = ann;
    expect(await acme.replace('User', ann.id, rest)).toEqual(ann);
    expect(await acme.patch('User', ann.id, { op: 'add', path: 'title', value: 'x' })).toEqual(ann);
    expect(await count()).toBe(before);
  });

  it('is in the audit log with the connection that sent them, and without their address and telephone', async () => {
    const ann = await newUser({ phoneNumbers: [{ value: '+49 1' }] });
    const userId = await userIdOf(ann.id);
    await acme.patch('User', ann.id, { op: 'replace', path: 'active', value: false });
    const { rows } = await admin.query<{ payload: string }>(
      `select payload from auth.outbox where payload like $1 order by id`,
      [`%${userId}%`],
    );
    const events = rows.map(({ payload }) => AuditEvent.parse(JSON.parse(payload)));
    expect(events).toMatchObject([
      { action: 'user.create', actor: { kind: 'scim', id: acme.id, tokenId: acme.token.id } },
      { action: 'user.update', detail: { connection: acme.name, disabled: true } },
    ]);
    expect(JSON.stringify(events)).not.toContain('+49');
  });
});

describe('finding people', () => {
  it('pages through them, with limits, and says how many there are', async () => {
    const many = await connect();
    const names = Array.from({ length: 7 }, (_, n) => `person ${n}`);
    for (const [n, userName] of names.entries())
      await many.create('User', { userName, title: n % 2 === 0 ? 'even' : 'odd', active: n < 5 });
    const all = await many.list('User');
    expect(all.Resources.map(({ userName }) => userName)).toEqual(names);
    const page = await many.list('User', { startIndex: 3, count: 2 });
    expect(page).toMatchObject({ totalResults: 7, startIndex: 3, itemsPerPage: 2 });
    expect(page.Resources.map(({ userName }) => userName)).toEqual(['person 2', 'person 3']);
    expect(await many.list('User', { count: 0 })).toMatchObject({ totalResults: 7, Resources: [] });
    expect(await many.list('User', { startIndex: -5, count: -1 })).toMatchObject({
      startIndex: 1,
      Resources: [],
    });
    expect(await many.list('User', { startIndex: 100 })).toMatchObject({ totalResults: 7, Resources: [] });
    const odd = await many.list('User', {
      filter: 'title eq "odd" and active eq true',
      startIndex: 2,
      count: 5,
    });
    expect(odd).toMatchObject({ totalResults: 2, itemsPerPage: 1, Resources: [{ userName: 'person 3' }] });
    expect((await many.list('User', { filter: 'userName eq "PERSON 4"' })).totalResults).toBe(1);
    expect((await many.list('User', { filter: 'userName eq "nobody" or id eq "no id"' })).totalResults).toBe(
      0,
    );
    await expect(many.list('User', { filter: 'userName is "x"' })).rejects.toEqual(
      refused('SCIM_INVALID', 'invalidFilter'),
    );
  });
});

describe('a group that SCIM sends', () => {
  it('has the members that SCIM says, and gives them its roles', async () => {
    const [ann, bob] = [await newUser(), await newUser()];
    const displayName = name();
    const staff = await acme.create('Group', {
      displayName,
      externalId: 'g-1',
      members: [{ value: ann.id }],
    });
    expect(staff).toMatchObject({
      displayName,
      externalId: 'g-1',
      members: [{ value: ann.id, type: 'User' }],
    });
    const { rows } = await admin.query<{ id: string }>(`select id from auth."group" where name = $1`, [
      displayName,
    ]);
    await bus.request(createRoleBinding, {
      ...by(owner),
      subject: { kind: 'group', id: rows[0]?.id ?? '' },
      role: 'viewer',
      teamId: team.id,
    });
    const key = await giveKey(await userIdOf(ann.id));
    expect((await principalOf(key)).permissions).toContain('flow:read');
    const swapped = await acme.patch(
      'Group',
      staff.id,
      { op: 'remove', path: `members[value eq "${ann.id}"]` },
      {
        op: 'add',
        path: 'members',
        value: [{ value: bob.id }, { value: 'nobody' }, { value: randomUUID() }],
      },
    );
    expect(swapped['members']).toMatchObject([{ value: bob.id }]);
    await expect(principalOf(key)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
    expect((await acme.get('User', bob.id))['groups']).toMatchObject([
      { value: staff.id, display: displayName },
    ]);
    await acme.delete('Group', staff.id);
    const { rowCount } = await admin.query(`select from auth.role_binding where subject_id = $1`, [
      rows[0]?.id,
    ]);
    expect(rowCount).toBe(0);
  });

  it('takes over the group that stands for the same name in claims, with its roles and without its members', async () => {
    const claimValue = name();
    const group = await bus.request(createGroup, {
      ...by(owner),
      name: name(),
      connection: acme.name,
      claimValue,
    });
    const arrived = await newArrival(acme.id, randomUUID());
    await admin.query(`insert into auth.group_member (group_id, user_id) values ($1, $2)`, [
      group.id,
      arrived,
    ]);
    const ann = await newUser();
    const sent = await acme.create('Group', { displayName: claimValue, members: [{ value: ann.id }] });
    const members = await bus.request(listGroupMembers, { principal: owner, groupId: group.id });
    expect(members.items.map(({ id }) => id)).toEqual([await userIdOf(ann.id)]);
    await expect(acme.create('Group', { displayName: claimValue })).rejects.toEqual(refused('SCIM_TAKEN'));
    // An administrator’s own name for it stays.
    await acme.patch('Group', sent.id, { op: 'replace', value: { displayName: name() } });
    const { rows } = await admin.query(`select name from auth."group" where id = $1`, [group.id]);
    expect(rows).toEqual([{ name: group.name }]);
  });

  it('gets another name here when the name is taken or looks like an id', async () => {
    const displayName = name();
    await bus.request(createGroup, { ...by(owner), name: displayName });
    await acme.create('Group', { displayName });
    const id = randomUUID();
    await acme.create('Group', { displayName: id });
    const { rows } = await admin.query(`select name from auth."group" where name like $1`, [
      `% (${acme.name})`,
    ]);
    expect(rows).toHaveLength(2);
    expect((await acme.list('Group', { filter: `displayName eq "${id.toUpperCase()}"` })).totalResults).toBe(
      1,
    );
  });

  it('is renamed, and its members are replaced as a whole', async () => {
    const ann = await newUser();
    const staff = await acme.create('Group', { displayName: name(), members: [{ value: ann.id }] });
    const renamed = await acme.replace('Group', staff.id, { displayName: name() });
    expect(renamed['members']).toBeUndefined();
    const { rows } = await admin.query(`select name from auth."group" where name = $1`, [
      renamed['displayName'],
    ]);
    expect(rows).toHaveLength(1);
  });

  it('is found by its members, and without them when they are not wanted', async () => {
    const ann = await newUser();
    const staff = await acme.create('Group', { displayName: name(), members: [{ value: ann.id }] });
    const filter = `members[value eq "${ann.id}"]`;
    const found = await acme.list('Group', { filter, excludedAttributes: 'members' });
    expect(found.Resources.map(({ id }) => id)).toEqual([staff.id]);
    expect(found.Resources[0]?.['members']).toBeUndefined();
  });
});

describe('what SCIM says of itself', () => {
  it('names its schemas, types and settings', async () => {
    const ask = async (what: 'ServiceProviderConfig' | 'ResourceTypes' | 'Schemas', id?: string) =>
      (await bus.request(describeScim, { principal: acme.principal, what, base, ...(id && { id }) }))
        .resource;
    expect(await ask('ServiceProviderConfig')).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
    });
    expect(await ask('ResourceTypes')).toMatchObject({ totalResults: 2 });
    expect(await ask('ResourceTypes', 'Group')).toMatchObject({ endpoint: '/Groups' });
    expect(await ask('Schemas')).toMatchObject({ totalResults: 3 });
    await expect(ask('Schemas', 'x')).rejects.toEqual(refused('SCIM_UNKNOWN'));
  });
});
