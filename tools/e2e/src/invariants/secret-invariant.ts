import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodingsOf, findInDatabase } from '../find-canaries.js';
import { readRedis } from '../read-redis.js';
import { TextFinder } from '../text-finder.js';
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
  const finder = new TextFinder(texts.flatMap((text) => encodingsOf(text).map((form) => [form, text])));
  const isIn = (text: string | Buffer): boolean => finder.find(text).size > 0;
  return {
    number: 15,
    name: 'no secret is in a table, a log file or Redis',
    check: async (ledger) => {
      const { looked, sightings } = await findInDatabase(ledger.query, finder);
      const logs = readdirSync(logFolder).filter((name) => name.includes('.log'));
      const logged = logs.filter((name) => isIn(readFileSync(join(logFolder, name))));
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
  isIn: (text: string | Buffer) => boolean,
): Promise<{ looked: number; found: string[] }> {
  const found: string[] = [];
  let looked = 0;
  for await (const { key, content } of readRedis(url)) {
    looked += 1;
    if (isIn(key)) found.push('the name of a key');
    else if (isIn(content)) found.push(key);
  }
  return { looked, found };
}
