import { permissions as every } from '@causeway/contracts';
import type * as OpenId from 'openid-client';
import { Api } from '../../api.js';
import { parsePermissions } from '../../arguments.js';
import { hasBrowser, logInByDevice } from '../../login/device-login.js';
import { LoginFile } from '../../login/login-file.js';
import { accessTokenOf, findServer, loginOf } from '../../login/login-tokens.js';
import { waitForBrowser } from '../../login/wait-for-browser.js';
import { type Output, showable } from '../../output.js';

/** How somebody logs in. */
export interface LoginOptions {
  readonly client: string;
  readonly permissions?: string;
  /** Whether by a code instead of a browser of this machine. @default where this machine seems to have none */
  readonly device?: boolean;
}

/** Logs a person in by a browser: this command may then act for them, until they log out or end it. */
export async function logIn(url: string, options: LoginOptions, output: Output): Promise<number> {
  const { client: clientId, permissions, device } = options;
  const { library, server } = await findServer(url, clientId);
  const scope = (permissions === undefined ? every : parsePermissions(permissions)).join(' ');
  const isByDevice = device ?? !hasBrowser(process.env, process.platform);
  let tokens = isByDevice ? await logInByDevice(library, server, scope, tell) : undefined;
  if (!tokens && device)
    throw new Error(
      'this client has no device flow: make one with npx causeway clients create NAME --no-secret --device',
    );
  tokens ??= await logInHere(library, server, scope);
  const file = new LoginFile();
  await file.alone(async () => file.set(url, loginOf(clientId, tokens)));
  const api = new Api({ url, token: () => accessTokenOf(url) });
  const { subject } = await api.json<{ subject: { id: string; name: string } }>(
    'GET',
    '/api/platform/v1/self',
  );
  output.result({ url, subject }, () => `you are logged in at ${url} as ${subject.name}`);
  return 0;
}

/** With a browser of this machine, which comes back to an address of it. */
async function logInHere(
  library: typeof OpenId,
  server: OpenId.Configuration,
  scope: string,
): Promise<OpenId.TokenEndpointResponse> {
  const { redirectUri, arrived } = await waitForBrowser();
  const verifier = library.randomPKCECodeVerifier();
  const state = library.randomState();
  const address = library.buildAuthorizationUrl(server, {
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await library.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  tell(`open this address in a browser on this machine:\n${address.href}`);
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  return library.authorizationCodeGrant(server, await arrived, checks).catch((error: unknown) => {
    if (!(error instanceof library.AuthorizationResponseError)) throw error;
    throw new Error(`you are not logged in: ${error.error_description ?? error.error}`, { cause: error });
  });
}

function tell(text: string): void {
  process.stderr.write(`${showable(text)}\n`);
}

/** Gives the tokens back, which ends them, and forgets them. */
export async function logOut(url: string, output: Output): Promise<number> {
  const file = new LoginFile();
  const login = await file.alone(async () => {
    const found = file.find(url);
    file.set(url, undefined);
    return found;
  });
  if (!login) throw new Error(`you are not logged in at ${url}`);
  const { library, server } = await findServer(url, login.clientId);
  await library.tokenRevocation(server, login.refreshToken);
  output.result({ url }, () => `you are logged out of ${url}`);
  return 0;
}
