import type * as OpenId from 'openid-client';
import { type Login, LoginFile } from './login-file.js';

/** An access token is renewed so long before it expires. */
const AHEAD_MS = 30_000;

/** The server as OAuth describes it. The library is loaded only for logins. */
export async function findServer(
  url: string,
  clientId: string,
): Promise<{ readonly library: typeof OpenId; readonly server: OpenId.Configuration }> {
  const library = await import('openid-client');
  // What needs TLS decides the server: on the machine itself, nothing does.
  const execute = url.startsWith('http:') ? [library.allowInsecureRequests] : [];
  try {
    const server = await library.discovery(new URL(url), clientId, undefined, library.None(), { execute });
    return { library, server };
  } catch (cause) {
    throw new Error(`${url} does not say how to log in: ${(cause as Error).message}`, { cause });
  }
}

/** What is kept of an answer with tokens. @throws Error when there is no refresh token */
export function loginOf(clientId: string, tokens: OpenId.TokenEndpointResponse): Login {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds = 0 } = tokens;
  if (refreshToken === undefined) throw new Error('the server gave no refresh token');
  return { clientId, accessToken, refreshToken, expiresAtMs: Date.now() + seconds * 1_000 };
}

/** The access token of a login, renewed when it expires soon. @throws Error when the login has ended */
export async function accessTokenOf(url: string, file = new LoginFile()): Promise<string> {
  const fresh = freshToken(file.find(url));
  if (fresh !== undefined) return fresh;
  return file.alone(async () => {
    const login = file.find(url);
    // Another command may have renewed it meanwhile.
    const renewed = freshToken(login);
    if (renewed !== undefined) return renewed;
    if (!login) throw new Error(`you are not logged in at ${url}: npx causeway login`);
    const { library, server } = await findServer(url, login.clientId);
    try {
      const next = loginOf(login.clientId, await library.refreshTokenGrant(server, login.refreshToken));
      file.set(url, next);
      return next.accessToken;
    } catch (error) {
      if (!(error instanceof library.ResponseBodyError) || error.error !== 'invalid_grant') throw error;
      file.set(url, undefined);
      throw new Error(`your login at ${url} has ended: npx causeway login`, { cause: error });
    }
  });
}

function freshToken(login: Login | undefined): string | undefined {
  return login && login.expiresAtMs - AHEAD_MS > Date.now() ? login.accessToken : undefined;
}
