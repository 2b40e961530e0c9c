import { Client } from 'pg';
import { waitFor } from './wait-for.js';

/**
 * Drops a test's database.
 *
 * @throws Error that lists the connections that were still open to it; it is dropped anyway
 */
export async function dropDatabase(name: string, adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  const open = async (): Promise<string[]> => {
    const { rows } = await client.query<{ who: string }>(
      `select usename || ' “' || coalesce(nullif(application_name, ''), 'no name') || '”: ' || left(query, 80) as who
       from pg_stat_activity
       where datname = $1
         -- Workers of the server, such as autovacuum, come and go by themselves.
         and backend_type = 'client backend'`,
      [name],
    );
    return rows.map(({ who }) => who);
  };
  try {
    // The server notices a closed connection a moment later.
    await waitFor(async () => (await open()).length === 0, { timeoutMs: 2_000 }).catch(() => {});
    const leaked = await open();
    await client.query(`drop database ${name} with (force)`);
    if (leaked.length > 0) {
      throw new Error(`connections to ${name} were left open; end what opened them: ${leaked.join('; ')}`);
    }
  } finally {
    await client.end();
  }
}
