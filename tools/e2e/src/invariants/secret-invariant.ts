import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { encodingsOf, findInDatabase } from '../find-canaries.js';
import type { Invariant } from './invariant.js';

/** What must be nowhere, and the places that are no tables. */
export interface Hidden {
  /** Texts of ASCII, such as the keys of an installation or those that a test has planted. */
  readonly texts: readonly string[];
  /** Of files as the services write them. */
  readonly logFolder: string;
  readonly redisUrl?: string;
}

/** A secret is in no column of any table, in no log file and in no key of Redis, in whichever encoding. */
export function secretInvariant({ texts, logFolder, redisUrl }: Hidden): Invariant {
  const forms = texts.flatMap(encodingsOf);
  const isIn = (text: string): boolean => forms.some((form) => text.includes(form));
  return {
    number: 15,
    name: 'no secret is in a table, a log file or Redis',
    check: async (ledger) => {
      const { looked, sightings } = await findInDatabase(ledger.query, forms);
      const logs = readdirSync(logFolder).filter((name) => name.includes('.log'));
      const logged = logs.filter((name) => isIn(readFileSync(join(logFolder, name), 'latin1')));
      const cached = redisUrl === undefined ? { looked: 0, found: [] } : await findInRedis(redisUrl, isIn);
      return {
        looked: looked + logs.length + cached.looked,
        // Which secret it is, nobody should read here either.
        violations: [
          ...sightings.map(({ where, rows }) => `${where} has a secret in ${rows} rows`),
          ...logged.map((name) => `${name} has a secret`),
          ...cached.found.map((key) => `Redis has a secret in ${key}`),
        ],
      };
    },
  };
}

async function findInRedis(
  url: string,
  isIn: (text: string) => boolean,
): Promise<{ looked: number; found: string[] }> {
  const redis = new Redis(url);
  try {
    const found: string[] = [];
    let looked = 0;
    for await (const keys of redis.scanStream({ count: 500 }) as AsyncIterable<string[]>)
      for (const key of keys) {
        looked += 1;
        const value = await redis.dumpBuffer(key);
        if (isIn(`${key} ${value?.toString('latin1')}`)) found.push(isIn(key) ? 'the name of a key' : key);
      }
    return { looked, found };
  } finally {
    redis.disconnect();
  }
}
