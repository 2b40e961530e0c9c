import { BOOTSTRAP_USER_ID, DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID } from '@causeway/contracts';
import { testDatabase } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { PrismaClient } from '../src/store/generated/client.js';

const database = await testDatabase({ services: ['auth'] });
const pool = new Pool({ connectionString: database.urls['auth'] as string, max: 2 });
const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'auth' }) });
afterAll(() => pool.end());

const columns = 'id, organisation_id, team_id, name, key_hash, masked, permissions';
const values = (hash: string): string =>
  `gen_random_uuid(), '${DEFAULT_ORGANISATION_ID}', '${DEFAULT_TEAM_ID}', 'k', '${hash}', 'sk-', '{}'`;

describe('the migrated schema', () => {
  it('has one organisation, team and administrator, and matches every model', async () => {
    expect(await prisma.organisation.findMany({ select: { id: true } })).toEqual([
      { id: DEFAULT_ORGANISATION_ID },
    ]);
    expect(await prisma.team.findMany({ select: { id: true } })).toEqual([{ id: DEFAULT_TEAM_ID }]);
    expect(await prisma.user.findMany({ select: { id: true } })).toEqual([{ id: BOOTSTRAP_USER_ID }]);
    expect(await prisma.membership.findMany({ select: { userId: true, teamId: true } })).toEqual([
      { userId: BOOTSTRAP_USER_ID, teamId: DEFAULT_TEAM_ID },
    ]);
    expect(
      await prisma.roleBinding.findMany({ select: { subjectId: true, role: true, level: true } }),
    ).toEqual([{ subjectId: BOOTSTRAP_USER_ID, role: 'owner', level: 'organisation' }]);
    expect(await prisma.role.findMany()).toEqual([]);
    expect(await prisma.serviceAccount.findMany()).toEqual([]);
    expect(await prisma.apiKey.findMany()).toEqual([]);
    expect(await prisma.outbox.findMany()).toEqual([]);
    expect(await prisma.oauthClient.findMany()).toEqual([]);
    expect(await prisma.oauthGrant.findMany()).toEqual([]);
    expect(await prisma.oauthToken.findMany()).toEqual([]);
    expect(await prisma.oauthKey.findMany()).toEqual([]);
    expect(await prisma.connection.findMany()).toEqual([]);
    expect(await prisma.usedAssertion.findMany()).toEqual([]);
    expect(await prisma.scimToken.findMany()).toEqual([]);
    expect(await prisma.scimUser.findMany()).toEqual([]);
    expect(await prisma.scimGroup.findMany()).toEqual([]);
  });

  it('refuses a connection that has not what its kind needs, or has what another kind needs', async () => {
    const saml = `sign_in_url = 'https://a.example', certificates = '{x}', name_id_format = 'persistent', name_attribute = 'name', email_attribute = 'email'`;
    await pool.query(
      `insert into connection (id, organisation_id, name, label, issuer, client_id, groups_claim) values (gen_random_uuid(), $1, 'c', 'c', 'i', 'c', 'groups')`,
      [DEFAULT_ORGANISATION_ID],
    );
    const change = (text: string) => pool.query(`update connection set ${text} where name = 'c'`);
    await expect(change(`kind = 'ldap'`)).rejects.toThrow(/connection_kind/);
    await expect(change(`kind = 'saml'`)).rejects.toThrow(/connection_saml/);
    await expect(change(saml)).rejects.toThrow(/connection_saml/);
    await expect(change(`kind = 'saml', ${saml.replace('{x}', '{}')}`)).rejects.toThrow(/connection_saml/);
    await expect(change(`kind = 'saml', ${saml.replace('persistent', 'transient')}`)).rejects.toThrow(
      /connection_saml/,
    );
    await change(`kind = 'saml', ${saml}`);
    await expect(change(`client_secret = 'x'`)).rejects.toThrow(/connection_saml/);
    await pool.query(`delete from connection where name = 'c'`);
    await expect(
      pool.query(`insert into used_assertion (id, expires_at) values ('an-id', now())`),
    ).rejects.toThrow(/used_assertion_id/);
  });

  it('has one person of a name in a connection, but for those who were deleted, and no SCIM token but a hash', async () => {
    const connection = 'd0000000-0000-4000-8000-000000000000';
    const organisation = DEFAULT_ORGANISATION_ID;
    await pool.query(
      `insert into connection (id, organisation_id, name, label, issuer, client_id, groups_claim, scopes, domains)
       values ('${connection}', '${organisation}', 'c', 'c', 'https://c.example', 'c', 'groups', '{}', '{}')`,
    );
    const send = async (deletedAt: string | null) => {
      const { rows } = await pool.query<{ id: string }>(
        `insert into "user" (id, organisation_id, team_id, name) values (gen_random_uuid(), $1, $2, 'u') returning id`,
        [organisation, DEFAULT_TEAM_ID],
      );
      await pool.query(
        `insert into scim_user (id, organisation_id, connection_id, user_id, user_name_key, content, deleted_at)
         values (gen_random_uuid(), $1, $2, $3, 'ann', '{}', $4)`,
        [organisation, connection, rows[0]?.id, deletedAt],
      );
    };
    await send('2026-01-01');
    await send(null);
    await expect(send(null)).rejects.toThrow(/scim_user_name/);
    await expect(
      pool.query(
        `insert into scim_token (id, organisation_id, connection_id, token_hash) values (gen_random_uuid(), $1, $2, 'cm-x')`,
        [organisation, connection],
      ),
    ).rejects.toThrow(/scim_token_hash/);
    await pool.query(`delete from connection where id = '${connection}'`);
    expect(await prisma.scimUser.findMany()).toEqual([]);
    await pool.query(`delete from "user" where name = 'u'`);
  });

  it('refuses a program with an account that it may not have or without a secret that it needs', async () => {
    const insert = (kind: string, secretHash: string | null) =>
      pool.query(
        `insert into oauth_client (id, organisation_id, kind, name, secret_hash) values (gen_random_uuid(), $1, $2, 'c', $3)`,
        [DEFAULT_ORGANISATION_ID, kind, secretHash],
      );
    await expect(insert('robot', 'x')).rejects.toThrow(/oauth_client_kind/);
    await expect(insert('service', 'x')).rejects.toThrow(/oauth_client_account/);
    await expect(insert('confidential', null)).rejects.toThrow(/oauth_client_secret/);
    await expect(insert('public', 'x')).rejects.toThrow(/oauth_client_secret/);
  });

  it('refuses a token without its hash, of another kind, or that follows from no grant', async () => {
    const client = 'c0000000-0000-4000-8000-000000000000';
    await pool.query(
      `insert into oauth_client (id, organisation_id, kind, name) values ('${client}', '${DEFAULT_ORGANISATION_ID}', 'public', 'c')`,
    );
    const insert = (kind: string, hash: string, grantId: string | null = null) =>
      pool.query(
        `insert into oauth_token (id, token_hash, kind, organisation_id, client_id, grant_id, content, expires_at)
         values (gen_random_uuid(), $1, $2, $3, $4, $5, '{}', now())`,
        [hash, kind, DEFAULT_ORGANISATION_ID, client, grantId],
      );
    const hash = 'f'.repeat(64);
    await expect(insert('ClientCredentials', 'ct-a-token')).rejects.toThrow(/oauth_token_hash_shape/);
    await expect(insert('Session', hash, client)).rejects.toThrow(/oauth_token_kind/);
    await expect(insert('AccessToken', hash)).rejects.toThrow(/oauth_token_grant/);
    await pool.query(`delete from oauth_client where id = '${client}'`);
  });

  it('refuses a key without a holder or with two holders', async () => {
    const hash = 'a'.repeat(64);
    await expect(pool.query(`insert into api_key (${columns}) values (${values(hash)})`)).rejects.toThrow(
      /api_key_one_holder/,
    );
    const account = 'b0000000-0000-4000-8000-000000000000';
    await pool.query(
      `insert into service_account (id, organisation_id, team_id, name) values ('${account}', '${DEFAULT_ORGANISATION_ID}', '${DEFAULT_TEAM_ID}', 'ci')`,
    );
    await expect(
      pool.query(
        `insert into api_key (${columns}, user_id, service_account_id) values (${values(hash)}, '${BOOTSTRAP_USER_ID}', '${account}')`,
      ),
    ).rejects.toThrow(/api_key_one_holder/);
  });

  it('accepts only hashes, and each hash only once', async () => {
    const insert = (hash: string) =>
      pool.query(
        `insert into api_key (${columns}, user_id) values (${values(hash)}, '${BOOTSTRAP_USER_ID}')`,
      );
    await expect(insert('sk-not-a-hash')).rejects.toThrow(/api_key_hash_shape/);
    await insert('b'.repeat(64));
    await expect(insert('b'.repeat(64))).rejects.toThrow(/api_key_key_hash_key/);
  });

  it('refuses a role binding at a place that does not exist in the organisation', async () => {
    const bind = (kind: string, level: string, objectId: string) =>
      pool.query(
        `insert into role_binding (id, organisation_id, subject_kind, subject_id, role, level, object_id)
         values (gen_random_uuid(), $1, $2, $3, 'viewer', $4, $5)`,
        [DEFAULT_ORGANISATION_ID, kind, BOOTSTRAP_USER_ID, level, objectId],
      );
    await expect(bind('robot', 'team', DEFAULT_TEAM_ID)).rejects.toThrow(/role_binding_subject_kind/);
    await expect(bind('user', 'world', DEFAULT_TEAM_ID)).rejects.toThrow(/role_binding_level/);
    await expect(bind('user', 'organisation', DEFAULT_TEAM_ID)).rejects.toThrow(/role_binding_place/);
  });

  it('allows only one valid bootstrap key', async () => {
    const insert = (hash: string) =>
      pool.query(
        `insert into api_key (${columns}, user_id, is_bootstrap) values (${values(hash)}, '${BOOTSTRAP_USER_ID}', true)`,
      );
    await insert('c'.repeat(64));
    await expect(insert('d'.repeat(64))).rejects.toThrow(/api_key_bootstrap_key/);
    await pool.query('update api_key set revoked_at = now() where is_bootstrap');
    await expect(insert('e'.repeat(64))).resolves.toBeDefined();
  });

  it('refuses to delete a valid key or any bootstrap key', async () => {
    const remove = (hash: string) => pool.query('delete from api_key where key_hash = $1', [hash]);
    const refused = /has not ended/;
    await expect(remove('b'.repeat(64))).rejects.toThrow(refused);
    await pool.query(`update api_key set expires_at = now() + interval '1 min' where key_hash = $1`, [
      'b'.repeat(64),
    ]);
    await expect(remove('b'.repeat(64))).rejects.toThrow(refused);
    await expect(remove('c'.repeat(64))).rejects.toThrow(/bootstrap key/);
    await pool.query('update api_key set revoked_at = now() where key_hash = $1', ['b'.repeat(64)]);
    expect((await remove('b'.repeat(64))).rowCount).toBe(1);
  });

  it('leaves free space in the table pages of keys', async () => {
    const { rows } = await pool.query(`select reloptions from pg_class where oid = 'api_key'::regclass`);
    expect(rows).toEqual([{ reloptions: ['fillfactor=80'] }]);
  });
});
