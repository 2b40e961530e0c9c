import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openHome } from '@causeway/stack';
import { Client } from 'pg';
import { findInDatabase } from '../../src/find-canaries.js';
import { readRedis } from '../../src/read-redis.js';
import type { TextFinder } from '../../src/text-finder.js';
import type { Api } from '../support/api.js';
import { type Stack, databaseUrl } from '../support/stack.js';
import type { Canary } from './planted.js';

/** One thing in which a secret could be: a message, a file, an answer. */
export interface Seen {
  readonly where: string;
  readonly text: string | Buffer;
}

/** A kind of place, and all things of it. */
export interface Place {
  readonly name: string;
  read(): Iterable<Seen> | AsyncIterable<Seen> | Promise<Iterable<Seen>>;
}

/** A secret, and where it is. */
export interface Sight {
  readonly canary: Canary;
  readonly place: string;
  readonly where: string;
}

/** What was searched, and what was found in it. */
export interface Search {
  readonly looked: number;
  readonly sights: readonly Sight[];
}

/** The lists that the API shows: what was shown once, when it was made, is not in them. */
const LISTS = [
  '/api/v1/variables',
  '/api/v1/monitor/messages',
  '/api/v1/api_key',
  '/api/platform/v1/runs',
  '/api/platform/v1/audit/events?limit=500',
  '/api/platform/v1/audit/stream',
  '/api/platform/v1/connections',
  '/api/platform/v1/invitations',
  '/api/platform/v1/secrets',
  '/api/platform/v1/teams',
  '/api/platform/v1/users',
];

/** Everything of a place is searched. */
export async function searchPlace(place: Place, finder: TextFinder<Canary>): Promise<Search> {
  const sights: Sight[] = [];
  let looked = 0;
  for await (const { where, text } of await place.read()) {
    looked += 1;
    for (const canary of finder.find(text)) sights.push({ canary, place: place.name, where });
  }
  return { looked, sights };
}

/** Every column of every table of every service. */
export async function searchTables({ causeway }: Stack, finder: TextFinder<Canary>): Promise<Search> {
  const client = new Client({ connectionString: databaseUrl(causeway) });
  await client.connect();
  try {
    const { looked, sightings } = await findInDatabase(
      async (text, values) => (await client.query(text, [...(values ?? [])])).rows,
      finder,
    );
    const sights = sightings.flatMap(({ where, owners }) =>
      [...owners].map((canary) => ({ canary, place: 'tables', where })),
    );
    return { looked, sights };
  } finally {
    await client.end();
  }
}

/** The places that are no tables and need not be watched from the beginning. */
export function placesOf(
  stack: Stack,
  more: { readonly sinceMs: number; readonly processes: Readonly<Record<string, number>> },
): Place[] {
  const { causeway, api } = stack;
  return [
    { name: 'Redis', read: () => inRedis(causeway.servers.redis.url) },
    { name: 'logs', read: () => filesIn(join(causeway.home, 'logs'), () => true) },
    { name: 'files', read: () => filesIn(causeway.home, (path) => !/^(logs|postgres)\//.test(path)) },
    {
      // Also of rows that are gone, as long as they are not overwritten: its log of changes has them.
      name: 'files of Postgres',
      read: () => {
        const folder = openHome(causeway.home).postgresFolder;
        const isWanted = (path: string): boolean => statSync(join(folder, path)).mtimeMs >= more.sinceMs;
        return filesIn(folder, isWanted);
      },
    },
    { name: 'audit exports', read: () => exportsOf(api, more.sinceMs) },
    { name: 'lists', read: () => Promise.all(LISTS.map((path) => answerOf(api, path))) },
    { name: 'environments', read: () => ofProcesses(more.processes, 'environ') },
    { name: 'command lines', read: () => ofProcesses(more.processes, 'cmdline') },
  ];
}

async function* inRedis(url: string): AsyncGenerator<Seen> {
  for await (const { key, content } of readRedis(url)) {
    yield { where: 'the name of a key', text: key };
    yield { where: key.replaceAll(/[0-9a-f-]{20,}/g, '…'), text: content };
  }
}

function* filesIn(folder: string, isWanted: (path: string) => boolean): Generator<Seen> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const where = relative(folder, path);
    if (entry.isFile() && isWanted(where)) yield { where, text: readFileSync(path) };
  }
}

async function exportsOf(api: Api, sinceMs: number): Promise<Seen[]> {
  const from = new Date(sinceMs).toISOString();
  const formats = ['jsonl', 'csv'].map((format) => `scope=organisation&format=${format}&from=${from}`);
  return Promise.all(formats.map((query) => answerOf(api, `/api/platform/v1/audit/export?${query}`)));
}

async function answerOf(api: Api, path: string): Promise<Seen> {
  const { status, text } = await api.send('GET', path);
  if (status !== 200) throw new Error(`${path} was not answered: ${status} ${text}`);
  return { where: path, text };
}

function ofProcesses(processes: Readonly<Record<string, number>>, what: 'environ' | 'cmdline'): Seen[] {
  return Object.entries(processes).map(([where, pid]) => ({
    where,
    text: readFileSync(`/proc/${pid}/${what}`),
  }));
}
