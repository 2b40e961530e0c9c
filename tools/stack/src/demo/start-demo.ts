import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Home, writePrivately } from '../home.js';
import { freePort } from '../servers/free-port.js';
import { type DemoPerson, demoGroups, demoPeople } from './demo-people.js';
import { DEMO_CONNECTION, setUpDemo } from './set-up-demo.js';

/** The demo organisation, for the report of `npm start`. */
export interface Demo {
  /** The identity provider's address. */
  readonly issuer: string;
  /** Where its people sign in. */
  readonly signInUrl: string;
  readonly people: readonly (Pick<DemoPerson, 'name' | 'email' | 'password' | 'groups'> & {
    /** `editor in Payments` */
    readonly may: readonly string[];
  })[];
}

/** The running demo organisation. */
export interface RunningDemo {
  readonly demo: Demo;
  /** Stops its identity provider. What it has made stays. */
  close(): Promise<void>;
}

const CLIENT_ID = 'causeway';

/**
 * Starts a foreign OpenID provider with six people, and makes two teams, three groups with roles, and flows. At the next start the same
 * people are there, with the same address of their provider.
 */
export async function startDemo(
  url: string,
  apiKey: string,
  home: Pick<Home, 'folder' | 'secrets'>,
  certFile?: string,
): Promise<RunningDemo> {
  // Loaded only here: nobody else needs it.
  const { startIdentityProvider } = await import('@causeway/identity-provider');
  const secretOf = (purpose: string): string =>
    createHmac('sha256', home.secrets.roleSeed).update(`demo ${purpose}`).digest('hex');
  const client = { clientId: CLIENT_ID, clientSecret: secretOf('client') };
  const provider = await startIdentityProvider({
    port: await portOf(home),
    people: demoPeople,
    keySeed: secretOf('keys'),
    listsPeople: true,
    clients: [
      {
        ...client,
        redirectUris: [`${url}/sign-in/${DEMO_CONNECTION}/callback`],
        postLogoutRedirectUris: [`${url}/sign-in`],
        backchannelLogoutUri: `${url}/sign-in/${DEMO_CONNECTION}/back-channel-logout`,
      },
    ],
  });
  try {
    await setUpDemo(url, apiKey, { issuer: provider.issuer, ...client }, certFile);
  } catch (error) {
    await provider.close();
    throw error;
  }
  const people = demoPeople.map(({ name, email, password, groups }) => ({
    name,
    email,
    password,
    groups,
    may: demoGroups
      .filter((group) => groups.includes(group.name))
      .map(({ role, team }) => `${role} in ${team ?? 'the organisation'}`),
  }));
  const demo = { issuer: provider.issuer, signInUrl: `${url}/sign-in`, people };
  return { demo, close: () => provider.close() };
}

/** The provider's port of the last start: who its people are depends on its address. */
async function portOf({ folder }: Pick<Home, 'folder'>): Promise<number> {
  const file = join(folder, 'demo-port');
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const port = await freePort(Number.isInteger(last) ? last : 0);
  writePrivately(file, `${port}\n`);
  return port;
}
