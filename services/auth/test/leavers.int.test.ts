import { randomUUID } from 'node:crypto';
import {
  AuditEvent,
  OAuthAnswer,
  type OAuthRequest,
  type Principal,
  askOAuth,
  createKey,
  createGroup,
  createOAuthClient,
  createRoleBinding,
  createServiceAccount,
  createTeam,
  handOver,
  listOwned,
  rotateKey,
  setGroupMember,
  updateUser,
  verifyToken,
} from '@causeway/contracts';
import { SealedKind, apiKeyHash, newApiKey, newClientSecret } from '@causeway/platform';
import { describe, expect, it } from 'vitest';
import { startAuth } from './auth.js';

const ROOT = 'sk-the-bootstrap-key-of-the-leavers-test';
const { bus, admin, vault, principalOf } = await startAuth(ROOT);
const owner = await principalOf(ROOT);
const { organisationId } = owner;
const by = (principal: Principal) => ({ principal, requestId: 'r' });
const name = () => `n ${randomUUID()}`;

/** A person with a key and a role in a new team. */
async function newPerson(role = 'admin') {
  const team = await bus.request(createTeam, { ...by(owner), name: name() });
  const [id, keyId, shown] = [randomUUID(), randomUUID(), name()];
  await admin.query(`insert into auth."user" (id, organisation_id, team_id, name) values ($1, $2, $3, $4)`, [
    id,
    organisationId,
    team.id,
    shown,
  ]);
  const { secret, ...stored } = newApiKey();
  await admin.query(
    `insert into auth.api_key (id, organisation_id, team_id, user_id, name, key_hash, masked, permissions)
     values ($1, $2, $3, $4, 'own', $5, $6, $7)`,
    [keyId, organisationId, team.id, id, stored.keyHash, stored.masked, owner.permissions],
  );
  await bus.request(createRoleBinding, {
    ...by(owner),
    subject: { kind: 'user', id },
    role,
    teamId: team.id,
  });
  return { id, name: shown, team, key: secret, principal: await principalOf(secret) };
}

/** A key for a new service account, made by somebody. */
async function makeKey(maker: Principal, role = 'editor') {
  const account = await bus.request(createServiceAccount, {
    ...by(maker),
    teamId: maker.teamId,
    name: name(),
    role,
  });
  const { secret, ...stored } = newApiKey();
  const { key } = await bus.request(createKey, {
    ...by(maker),
    ...stored,
    name: 'made',
    serviceAccountId: account.id,
  });
  return { account, secret, id: key.id };
}

async function makeClient(maker: Principal, serviceAccountId: string) {
  const { secret, secretHash } = newClientSecret();
  const client = await bus.request(createOAuthClient, {
    ...by(maker),
    name: 'program',
    kind: 'service',
    serviceAccountId,
    secretHash,
  });
  return { ...client, secret };
}

const tokenOf = async ({ id, secret }: { id: string; secret: string }) => {
  const asked: OAuthRequest = {
    method: 'POST',
    path: '/oauth/token',
    origin: 'https://causeway.example',
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    contentType: 'application/x-www-form-urlencoded',
    body: 'grant_type=client_credentials',
  };
  const place = { organisationId, kind: SealedKind.typed, id: 'r' };
  const reply = await bus.request(askOAuth, {
    sealed: await vault.seal(JSON.stringify(asked), place),
    requestId: 'r',
  });
  const { status, body } = OAuthAnswer.parse(JSON.parse(await vault.open(reply.sealed, place)));
  return { status, token: (JSON.parse(body) as { access_token?: string }).access_token ?? '' };
};
const isValid = (token: string): Promise<boolean> =>
  bus.request(verifyToken, { tokenHash: apiKeyHash(token) }).then(
    () => true,
    () => false,
  );
const setDisabled = (userId: string, disabled: boolean) =>
  bus.request(updateUser, { ...by(owner), userId, disabled });
const give = (from: string, to: string, actor = owner) =>
  bus.request(handOver, { ...by(actor), userId: from, toUserId: to });

describe('somebody who is disabled', () => {
  it('cannot use what was made with their keys either, however indirectly, until they are enabled', async () => {
    const leaver = await newPerson();
    const made = await makeKey(leaver.principal, 'admin');
    const next = await makeKey(await principalOf(made.secret));
    const client = await makeClient(leaver.principal, made.account.id);
    const { token } = await tokenOf(client);
    expect(await isValid(token)).toBe(true);

    await setDisabled(leaver.id, true);
    for (const { secret } of [made, next])
      await expect(principalOf(secret)).rejects.toMatchObject({
        code: 'KEY_UNUSABLE',
        message: expect.stringContaining('made, is disabled'),
      });
    expect(await isValid(token)).toBe(false);
    expect((await tokenOf(client)).status).toBe(401);

    await setDisabled(leaver.id, false);
    for (const { secret } of [made, next]) await principalOf(secret);
    expect(await isValid(token)).toBe(true);
  });

  it('ends what they made while they were signed in with a browser', async () => {
    const leaver = await newPerson();
    const sessionId = randomUUID();
    await admin.query(
      `insert into auth.session (id, organisation_id, user_id, team_id, token_hash, expires_at)
       values ($1, $2, $3, $4, $5, now() + interval '1 day')`,
      [sessionId, organisationId, leaver.id, leaver.team.id, sessionId.replaceAll('-', '').repeat(2)],
    );
    const { keyId: _keyId, ...person } = leaver.principal;
    const signedIn = { ...person, sessionId };
    const made = await makeKey(signedIn);
    const client = await makeClient(signedIn, made.account.id);
    const { token } = await tokenOf(client);
    await principalOf(made.secret);
    const owned = await bus.request(listOwned, { principal: owner, userId: leaver.id });
    expect(owned).toMatchObject({ madeKeys: [{ id: made.id }], clients: [{ id: client.id }] });
    await setDisabled(leaver.id, true);
    await expect(principalOf(made.secret)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
    expect(await isValid(token)).toBe(false);
    expect((await tokenOf(client)).status).toBe(401);
  });

  it('ends what was made with their keys, also when somebody else has given such a key a successor', async () => {
    const leaver = await newPerson();
    const made = await makeKey(leaver.principal, 'admin');
    const child = await makeKey(await principalOf(made.secret));
    const { secret, ...stored } = newApiKey();
    const asOwner = { ...owner, teamId: leaver.team.id };
    await bus.request(rotateKey, { ...by(asOwner), ...stored, keyId: made.id, overlapS: 60 });
    await principalOf(child.secret);
    await setDisabled(leaver.id, true);
    await expect(principalOf(child.secret)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
    expect((await principalOf(secret)).id).toBe(made.account.id);
  });

  it('ends nothing that others have made', async () => {
    const [leaver, stays] = [await newPerson(), await newPerson()];
    const made = await makeKey(stays.principal);
    await setDisabled(leaver.id, true);
    expect((await principalOf(made.secret)).id).toBe(made.account.id);
  });

  it('is in the audit log with how much they owned', async () => {
    const leaver = await newPerson();
    await makeKey(leaver.principal);
    await setDisabled(leaver.id, true);
    const { rows } = await admin.query<{ payload: string }>(
      `select payload from auth.outbox where payload like $1`,
      [`%"user.update"%${leaver.id}%`],
    );
    expect(AuditEvent.parse(JSON.parse(rows[0]?.payload ?? '{}'))).toMatchObject({
      detail: { disabled: true, owned: { roles: 1, keys: 1, madeKeys: 1, clients: 0 } },
    });
  });
});

describe('what a person owns', () => {
  it('is listed, with what was made with their keys and the teams that nobody else administers', async () => {
    const leaver = await newPerson();
    const made = await makeKey(leaver.principal);
    const client = await makeClient(leaver.principal, made.account.id);
    const group = await bus.request(createGroup, { ...by(owner), name: name() });
    await bus.request(setGroupMember, { ...by(owner), groupId: group.id, userId: leaver.id, isMember: true });
    await setDisabled(leaver.id, true);
    const ask = () => bus.request(listOwned, { principal: owner, userId: leaver.id });
    expect(await ask()).toMatchObject({
      user: { id: leaver.id },
      roles: [{ role: 'admin', level: 'team', team: leaver.team.name }],
      clients: [{ id: client.id, kind: 'service' }],
      keys: [{ name: 'own', team: leaver.team.name, serviceAccount: null }],
      madeKeys: [{ id: made.id, serviceAccount: made.account.name }],
      grants: 0,
      groups: [{ id: group.id }],
      scimTokens: [],
      onlyAdministratorOf: [{ id: leaver.team.id, serviceAccounts: [made.account.name] }],
      totals: { roles: 1, clients: 1, keys: 1, madeKeys: 1 },
    });
    const other = await newPerson();
    const others = await bus.request(createGroup, { ...by(owner), name: name() });
    await bus.request(createRoleBinding, {
      ...by(owner),
      subject: { kind: 'group', id: others.id },
      role: 'admin',
      teamId: leaver.team.id,
    });
    expect((await ask()).onlyAdministratorOf).toHaveLength(1);
    await bus.request(setGroupMember, { ...by(owner), groupId: others.id, userId: other.id, isMember: true });
    expect((await ask()).onlyAdministratorOf).toEqual([]);
    await expect(
      bus.request(listOwned, { principal: other.principal, userId: leaver.id }),
    ).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
  });

  it('is handed over: the roles, and the clients without their secrets; a second time there is nothing', async () => {
    const [leaver, heir] = [await newPerson(), await newPerson('viewer')];
    const made = await makeKey(leaver.principal);
    const client = await makeClient(leaver.principal, made.account.id);
    const { token } = await tokenOf(client);
    await setDisabled(leaver.id, true);
    const given = await give(leaver.id, heir.id);
    expect(given).toMatchObject({
      roles: [{ role: 'admin', objectId: leaver.team.id, subject: { id: heir.id } }],
      clients: [{ id: client.id }],
    });
    const owned = await bus.request(listOwned, { principal: owner, userId: leaver.id });
    expect(owned).toMatchObject({ roles: [], clients: [], madeKeys: [{ id: made.id }] });
    const heirs = await bus.request(listOwned, { principal: owner, userId: heir.id });
    expect(heirs.roles.map(({ objectId }) => objectId)).toContain(leaver.team.id);
    // Who has left may know the secret, and a token that was given for it.
    expect((await tokenOf(client)).status).toBe(401);
    expect(await isValid(token)).toBe(false);
    const { rows } = await admin.query(`select made_by_id from auth.oauth_client where id = $1`, [client.id]);
    expect(rows).toEqual([{ made_by_id: owner.keyId }]);
    expect(await give(leaver.id, heir.id)).toEqual({ roles: [], clients: [] });
  });

  it('goes to nobody by those who may not give it, nor to somebody who is disabled', async () => {
    const [leaver, heir, manager] = [
      await newPerson('owner'),
      await newPerson('viewer'),
      await newPerson('viewer'),
    ];
    await bus.request(createRoleBinding, {
      ...by(owner),
      subject: { kind: 'user', id: leaver.id },
      role: 'owner',
    });
    await bus.request(createRoleBinding, {
      ...by(owner),
      subject: { kind: 'user', id: manager.id },
      role: 'admin',
    });
    const asManager = await principalOf(manager.key);
    await expect(give(leaver.id, heir.id, asManager)).rejects.toMatchObject({ code: 'ROLE_TOO_WIDE' });
    await expect(give(leaver.id, heir.id, heir.principal)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    await expect(give(leaver.id, leaver.id)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(give(leaver.id, randomUUID())).rejects.toMatchObject({ code: 'USER_UNKNOWN' });
    await setDisabled(heir.id, true);
    await expect(give(leaver.id, heir.id)).rejects.toMatchObject({ code: 'USER_DISABLED' });
    const owned = await bus.request(listOwned, { principal: owner, userId: leaver.id });
    expect(owned.roles).toHaveLength(2);
  });

  it('is not handed over by half when one part cannot be given', async () => {
    const [leaver, heir, manager] = [await newPerson(), await newPerson('viewer'), await newPerson('viewer')];
    await bus.request(createRoleBinding, {
      ...by(owner),
      subject: { kind: 'user', id: manager.id },
      role: 'admin',
    });
    const { secretHash } = newClientSecret();
    await admin.query(
      `insert into auth.oauth_client (id, organisation_id, kind, name, secret_hash, permissions, made_by_id, redirect_uris)
       values ($1, $2, 'confidential', 'for people', $3, '{flow:read}', $4, '{https://a.example}')`,
      [randomUUID(), organisationId, secretHash, leaver.principal.keyId],
    );
    const before = await bus.request(listOwned, { principal: owner, userId: leaver.id });
    const narrow = await principalOf(manager.key);
    await admin.query(
      `update auth.api_key set permissions = array_remove(permissions, 'organisation:write') where id = $1`,
      [narrow.keyId],
    );
    await expect(give(leaver.id, heir.id, narrow)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(await bus.request(listOwned, { principal: owner, userId: leaver.id })).toEqual(before);
  });
});
