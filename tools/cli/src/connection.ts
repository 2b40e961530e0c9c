import { findRunning } from '@causeway/stack';
import { Api } from './api.js';

export interface ConnectionOptions {
  readonly url?: string;
  readonly key?: string;
}

/** The server for the commands: from the options, else from CAUSEWAY_URL and CAUSEWAY_API_KEY, else the copy that runs on the private folder. */
export function connect(options: ConnectionOptions): Api {
  const running = findRunning();
  const named = options.url ?? process.env['CAUSEWAY_URL'];
  const url = named ?? running?.url;
  const apiKey = options.key ?? process.env['CAUSEWAY_API_KEY'] ?? running?.apiKey;
  if (url === undefined)
    throw new Error('no server is running: start one with npm start, or name one with --url (CAUSEWAY_URL)');
  if (apiKey === undefined) throw new Error(`no API key for ${url}: set one with --key (CAUSEWAY_API_KEY)`);
  if (apiKey.trim() === '')
    throw new Error('the API key is empty: give one with --key or CAUSEWAY_API_KEY, or leave both out');
  return new Api({
    url,
    apiKey,
    ...(named !== undefined && {
      whenUnreachable: 'Is Causeway running at this address (--url or CAUSEWAY_URL)?',
    }),
  });
}
