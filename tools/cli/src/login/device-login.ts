import type * as OpenId from 'openid-client';

/** Whether a browser can be opened where this command runs: not over SSH, and not without a display. */
export function hasBrowser(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  const { SSH_CONNECTION: ssh, SSH_TTY: tty, DISPLAY: display, WAYLAND_DISPLAY: wayland } = environment;
  if (ssh || tty) return false;
  return platform !== 'linux' || Boolean(display || wayland);
}

/**
 * Asks for tokens with a code that a person types in any browser, also on another machine. Source: RFC 8628.
 *
 * @param  tell  shows the person what to do
 * @returns the tokens; undefined where the server or the client has no device flow
 */
export async function logInByDevice(
  library: typeof OpenId,
  server: OpenId.Configuration,
  scope: string,
  tell: (text: string) => void,
): Promise<OpenId.TokenEndpointResponse | undefined> {
  if (server.serverMetadata().device_authorization_endpoint === undefined) return undefined;
  let codes: Awaited<ReturnType<typeof OpenId.initiateDeviceAuthorization>>;
  try {
    codes = await library.initiateDeviceAuthorization(server, { scope });
  } catch (error) {
    if (error instanceof library.ResponseBodyError && error.error === 'invalid_request') return undefined;
    throw failed(library, error);
  }
  const minutes = Math.floor(codes.expires_in / 60);
  tell(
    `open this address in a browser on any machine, sign in, and type the code within ${minutes} minutes:\n${codes.verification_uri}\n\n  ${codes.user_code}\n`,
  );
  return library.pollDeviceAuthorizationGrant(server, codes).catch((error: unknown) => {
    throw failed(library, error);
  });
}

const REASONS: Readonly<Record<string, string>> = {
  access_denied: 'it was not allowed',
  expired_token: 'nobody allowed it in time',
};

function failed(library: typeof OpenId, error: unknown): unknown {
  if (!(error instanceof library.ResponseBodyError)) return error;
  const reason = REASONS[error.error] ?? error.error_description ?? error.error;
  return new Error(`you are not logged in: ${reason}`, { cause: error });
}
