import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A database of this test's own with the echo service's tables. */
export interface EchoDatabase {
  readonly url: string;
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

export async function createEchoDatabase(postgresUrl: string): Promise<EchoDatabase> {
  const name = `echo_${randomBytes(6).toString('hex')}`;
  const admin = new Client({ connectionString: postgresUrl });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href, options: '-c search_path=echo' });
  await client.connect();
  await client.query(`
    create schema echo;
    create table echo.note (id bigint generated always as identity primary key, text text not null, team text);
    create table echo.outbox (
      id uuid primary key, subject text not null, payload text not null, organisation_id uuid not null,
      team_id uuid not null, created_at timestamptz not null default clock_timestamp());
    create index on echo.outbox (subject, id)`);
  return {
    url: url.href,
    query: async (sql, values = []) => (await client.query(sql, values)).rows as Record<string, unknown>[],
    drop: async () => {
      await client.end();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
