import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

/** Sessions report their counts at most this often. */
const TOLD_WITHIN_MS = 1_500;

/** Transactions of a database so far, committed and rolled back, as its own statistics count them. */
export async function countTransactions(url: string): Promise<number> {
  await pause(TOLD_WITHIN_MS);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: string }>(
      `SELECT xact_commit + xact_rollback AS n FROM pg_stat_database WHERE datname = current_database()`,
    );
    return Number(rows[0]?.n);
  } finally {
    await client.end();
  }
}
