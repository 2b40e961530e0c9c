import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as client from 'openid-client';
import { type IdentityProvider, type Page, type Person, submitSignIn, Visitor } from '../src/index.js';

export const ann: Person = {
  subject: 'ann-1',
  name: 'Ann Example',
  email: 'ann@example.com',
  groups: ['staff', 'payments'],
  password: 'correct horse',
};

export const CLIENT_ID = 'app';
export const CLIENT_SECRET = 'app-secret';
export const REDIRECT = 'http://127.0.0.1:9/callback';
export const AFTER_LOGOUT = 'http://127.0.0.1:9/bye';

export const app = {
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectUris: [REDIRECT],
  postLogoutRedirectUris: [AFTER_LOGOUT],
};

/** One attempt to sign in, with the secrets that belong to it. */
export interface Attempt {
  readonly config: client.Configuration;
  readonly url: URL;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

/** Reads the discovery document and prepares a request, as a relying party does. */
export async function prepare(
  { issuer }: Pick<IdentityProvider, 'issuer'>,
  parameters: Record<string, string> = {},
  authentication = client.ClientSecretBasic(CLIENT_SECRET),
): Promise<Attempt> {
  const config = await client.discovery(new URL(issuer), CLIENT_ID, undefined, authentication, {
    execute: [client.allowInsecureRequests],
  });
  // Reads the keys and checks the signature of ID tokens, which is optional in this flow.
  client.enableNonRepudiationChecks(config);
  const [verifier, state, nonce] = [
    client.randomPKCECodeVerifier(),
    client.randomState(),
    client.randomNonce(),
  ];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  return { config, url, verifier, state, nonce };
}

/** Exchanges the code for tokens and checks them. */
export function exchange(attempt: Attempt, page: Page): ReturnType<typeof client.authorizationCodeGrant> {
  return client.authorizationCodeGrant(attempt.config, new URL(page.location ?? ''), {
    pkceCodeVerifier: attempt.verifier,
    expectedState: attempt.state,
    expectedNonce: attempt.nonce,
  });
}

/** A whole sign-in, up to the claims of the ID token and of userinfo. */
export async function signIn(provider: IdentityProvider, visitor = new Visitor(), person = ann) {
  const attempt = await prepare(provider);
  const page = await submitSignIn(visitor, await visitor.get(attempt.url), person.email, person.password);
  const tokens = await exchange(attempt, page);
  const idToken = tokens.claims();
  if (idToken === undefined) throw new Error('there is no ID token');
  const userinfo = await client.fetchUserInfo(attempt.config, tokens.access_token, idToken.sub);
  return { attempt, page, tokens, idToken, userinfo };
}

/** A relying party's back-channel logout address, which keeps the tokens that it gets. */
export async function startLogoutReceiver(status = 200) {
  const tokens: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      tokens.push(new URLSearchParams(body).get('logout_token') ?? '');
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}/logout`, tokens, close };
}
