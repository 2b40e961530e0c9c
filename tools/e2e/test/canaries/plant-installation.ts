import { DEFAULT_ORGANISATION_ID } from '@causeway/contracts';
import { DataKeys, SealedKind, Vault } from '@causeway/platform';
import { auditSigningKey, openHome, rolePassword } from '@causeway/stack';
import { Client } from 'pg';
import { StoredKeys } from '../../src/stored-keys.js';
import type { MasterKeyFile } from '../support/master-keys.js';
import { type Stack, databaseUrl } from '../support/stack.js';
import type { Planted } from './planted.js';
import { environmentOf } from './watched-gateway.js';

/** What the copy itself holds: passwords, and the keys that seal and sign. */
export async function plantInstallation(
  { causeway }: Stack,
  planted: Planted,
  masters: MasterKeyFile,
): Promise<void> {
  const { secrets } = openHome(causeway.home);
  planted.add('database superuser’s password', secrets.postgresPassword);
  planted.add('NATS superuser’s password', secrets.natsPassword);
  planted.add('Redis password', secrets.redisPassword);
  planted.add('seed of the passwords', secrets.roleSeed);
  planted.add('bootstrap API key', secrets.apiKey);
  addKey(planted, 'unused master key', secrets.masterKey);
  for (const key of masters.all) addKey(planted, 'master key', key);
  addKey(planted, 'key that signs checkpoints', auditSigningKey(secrets));
  const services = [...causeway.services.keys()];
  for (const service of [...services, 'executor-runner']) {
    const { password } = new URL(causeway.servers.natsUrlOf(service));
    planted.add('NATS password', password, service);
  }
  for (const [service, url] of Object.entries(causeway.databaseUrls))
    planted.add('database password', new URL(url).password, service);
  const pids = causeway.pids();
  for (const service of services) {
    const { CAUSEWAY_SIGNING_KEY: own, CAUSEWAY_RUNNER_SIGNING_KEY: runners } = environmentOf(
      pids[service] as number,
    );
    addKey(planted, 'signing key', own, service);
    if (runners) addKey(planted, 'signing key', runners, 'executor-runner');
  }
  const client = new Client({ connectionString: databaseUrl(causeway) });
  await client.connect();
  try {
    await plantOwners(client, planted, (role) => rolePassword(secrets, role));
    await plantSealed(client, planted, new StoredKeys(client, masters.newest()));
  } finally {
    await client.end();
  }
}

/** The roles that migrations run as, whose passwords no service has. */
async function plantOwners(
  client: Client,
  planted: Planted,
  passwordOf: (role: string) => string,
): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    `SELECT DISTINCT r.rolname AS role FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname IN
       (SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public)') AND NOT r.rolsuper`,
  );
  for (const { role } of rows) planted.add('database owner’s password', passwordOf(role), role);
}

/** The keys that the database holds, sealed. */
async function plantSealed(client: Client, planted: Planted, owner: StoredKeys): Promise<void> {
  const dataKeys = await client.query<{ o: string; id: string }>(
    'SELECT organisation_id::text AS o, id::text AS id FROM auth.data_key',
  );
  for (const { o, id } of dataKeys.rows) planted.add('data key', (await owner.dataKey(o, id)).key, id);
  const vault = new Vault(new DataKeys(owner));
  const signing = await client.query<{ id: string; sealed: string }>('SELECT id, sealed FROM auth.oauth_key');
  for (const { id, sealed } of signing.rows) {
    const place = { organisationId: DEFAULT_ORGANISATION_ID, kind: SealedKind.signingKey, id };
    const { d } = JSON.parse(await vault.open(sealed, place)) as { d: string };
    planted.add('private part of a key for ID tokens', d, id);
    planted.add('private part of a key for ID tokens', Buffer.from(d, 'base64url'), id);
  }
}

/** A key as it is written, and its bytes. */
function addKey(planted: Planted, kind: string, base64: string | undefined, of = ''): void {
  planted.add(kind, base64, of);
  planted.add(kind, Buffer.from(base64 ?? '', 'base64'), of);
}
