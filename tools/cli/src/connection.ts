import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { findRunning, pinnedFetch } from '@causeway/stack';
import { Api } from './api.js';
import { LoginFile } from './login/login-file.js';
import { accessTokenOf } from './login/login-tokens.js';

export interface ConnectionOptions {
  readonly url?: string;
  readonly key?: string;
}

/**
 * The server for the commands: from the options, else from CAUSEWAY_URL and CAUSEWAY_API_KEY, else the copy that runs on the private
 * folder. Where no key is given, who is logged in there is who asks.
 */
export function connect(options: ConnectionOptions): Api {
  const running = findRunning();
  const named = namedUrl(options);
  const url = named ?? running?.url;
  const given = options.key ?? process.env['CAUSEWAY_API_KEY'];
  if (url === undefined) throw noServer();
  const whenUnreachable =
    named === undefined
      ? {}
      : { whenUnreachable: 'Is Causeway running at this address (--url or CAUSEWAY_URL)?' };
  if (url.startsWith('https:')) trustAlso(process.env['CAUSEWAY_CA_FILE']);
  // A copy of this machine is known by its certificate, whatever the names in it are.
  const certFile = named === undefined ? running?.certFile : undefined;
  const more = { ...whenUnreachable, ...(certFile !== undefined && { fetch: pinnedFetch(certFile) }) };
  if (given === undefined && new LoginFile().find(loginName(url)))
    return new Api({ url, token: () => accessTokenOf(loginName(url)), ...more });
  const apiKey = given ?? running?.apiKey;
  if (apiKey === undefined) throw new Error(`no API key for ${url}: set one with --key (CAUSEWAY_API_KEY)`);
  if (apiKey.trim() === '')
    throw new Error('the API key is empty: give one with --key or CAUSEWAY_API_KEY, or leave both out');
  return new Api({ url, apiKey, ...more });
}

/** The address of the server at which somebody logs in or out. */
export function loginUrl(options: ConnectionOptions): string {
  const url = namedUrl(options) ?? findRunning()?.url;
  if (url === undefined) throw noServer();
  return loginName(url);
}

function namedUrl({ url }: ConnectionOptions): string | undefined {
  return url ?? process.env['CAUSEWAY_URL'];
}

/** One server has one name: its origin. */
function loginName(url: string): string {
  return URL.parse(url)?.origin ?? url;
}

function noServer(): Error {
  return new Error('no server is running: start one with npm start, or name one with --url (CAUSEWAY_URL)');
}

/** Trusts the certificates of a file, as PEM, in addition to those that Node trusts. */
function trustAlso(file: string | undefined): void {
  if (!file) return;
  try {
    const text = readFileSync(file, 'utf8');
    // Node takes a file without any certificate silently.
    new X509Certificate(text);
    setDefaultCACertificates([...getCACertificates('default'), text]);
  } catch (error) {
    throw new Error(`CAUSEWAY_CA_FILE: ${file} holds no certificates: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
