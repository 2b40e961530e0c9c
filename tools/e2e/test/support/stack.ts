import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScriptedProvider } from '@causeway/scripted-provider';
import { type Causeway, type CausewayOptions, createCauseway } from '@causeway/stack';
import { Client } from 'pg';
import { afterAll } from 'vitest';
import { Api } from './api.js';

/** The running platform, for the stories of one test file. */
export interface Stack {
  readonly causeway: Causeway;
  /** The API, with the key of the bootstrap administrator. */
  readonly api: Api;
  readonly provider: ScriptedProvider;
  /** Queries the database as superuser. */
  sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** How to start a copy for tests. */
export interface StackOptions extends CausewayOptions {
  /** The port that its gateway had last, as if it had run before. @default it may use any port */
  readonly lastPort?: number;
}

/**
 * Starts everything on a private folder of its own, and stops and deletes it after the file. Call it at a file's top level:
 * stories share one stack, since starting one costs as much as fifty of them.
 */
export async function startStack({ lastPort, ...options }: StackOptions = {}): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-e2e-'));
  if (lastPort !== undefined) writeFileSync(join(folder, 'last-port'), String(lastPort));
  const told: string[] = [];
  const causeway = await createCauseway({
    home: folder,
    ...(lastPort === undefined && { port: 0 }),
    scripted: true,
    say: (line) => told.push(line),
    ...options,
  }).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`the stack did not start:\n${told.join('\n')}`, { cause: error });
  });
  // A worker that is ended runs no hooks: then all processes are killed here.
  const endAtOnce = (): void => {
    for (const [name, pid] of Object.entries(causeway.pids())) if (name !== 'stack') kill(pid);
  };
  process.once('exit', endAtOnce);
  afterAll(async () => {
    await causeway.stop();
    process.removeListener('exit', endAtOnce);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  const { scriptedProvider } = causeway;
  if (!scriptedProvider) throw new Error('the stack has no scripted provider');
  return {
    causeway,
    api: new Api(causeway.url, causeway.apiKey, [], causeway.certFile),
    provider: scriptedProvider,
    sql: (text, values = []) => ask(causeway, text, values),
  };
}

/** The superuser's address of the database that the services share. */
export function databaseUrl(causeway: Causeway): string {
  const address = new URL(causeway.servers.postgres.url);
  address.pathname = new URL(Object.values(causeway.databaseUrls)[0] ?? '').pathname;
  return address.href;
}

/** Opens one connection per query, because stories stop the server in between. */
async function ask<Row extends object>(
  causeway: Causeway,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const client = new Client({ connectionString: databaseUrl(causeway) });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows as Row[];
  } finally {
    await client.end();
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}
