import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironmentFile } from './environment-file.js';
import { type Secrets, chosenHomeFolder, newBootstrapKey, openHome, writePrivately } from './home.js';

const VARIABLE = 'CAUSEWAY_BOOTSTRAP_API_KEY';

/**
 * Gives the copy of this user's private folder another bootstrap key, which it takes at its next start: then its administrator owns the
 * organisation again.
 *
 * @throws Error when there is no such folder, or when its key comes from the environment
 */
export function renewBootstrapKey(folder = chosenHomeFolder()): {
  readonly key: string;
  readonly folder: string;
} {
  const key = newBootstrapKey();
  if (process.env[VARIABLE] || readEnvironmentFile()[VARIABLE])
    throw new Error(`the copy takes its key from ${VARIABLE}: give that another value, such as ${key}`);
  const file = join(folder, 'secrets.json');
  if (!existsSync(file))
    throw new Error(
      `there is no copy in the private folder ${folder}: start one with npm start, or set CAUSEWAY_HOME`,
    );
  const secrets: Secrets = { ...openHome(folder).secrets, apiKey: key };
  writePrivately(file, JSON.stringify(secrets, undefined, 2) + '\n');
  return { key, folder };
}
