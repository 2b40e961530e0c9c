import { existsSync } from 'node:fs';
import { chosenHomeFolder, openHome } from './home.js';
import { readRunning } from './running.js';

/** The copy that runs on this user's private folder, once its gateway answers; undefined when none does. Creates nothing. */
export function findRunning():
  { readonly url: string; readonly apiKey: string; readonly certFile: string | undefined } | undefined {
  const folder = chosenHomeFolder();
  if (!existsSync(folder)) return undefined;
  const home = openHome(folder);
  const { url, certFile, apiKey = home.secrets.apiKey } = readRunning(home) ?? {};
  return url === undefined ? undefined : { url, apiKey, certFile };
}
