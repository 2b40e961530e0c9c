import {
  actorOf,
  autoLoginRoute,
  causewayError,
  endSession,
  getSelf,
  loginRoute,
  logoutRoute,
  refreshRoute,
  sessionRoute,
  signInWithPassword,
  whoamiRoute,
} from '@causeway/contracts';
import type { Principal, RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, Vault, withContext } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { isKeyRefused } from '../../operations/identity.js';
import { Tries } from '../../operations/tries.js';
import type { Call } from '../door/call.js';
import { presentedToken } from '../../domain/keys/presented-key.js';
import { presentedCredential } from '../door/credential.js';
import { Serve } from '../door/serve.js';
import { clearCookie } from '../door/session-cookie.js';
import { beginning, typedPlace } from '../pages/beginning.js';

type UserRead = RouteReply<typeof whoamiRoute>;

/** Langflow's routes for signing in, with Causeway's sessions. */
@Controller()
export class LangflowSignInController {
  constructor(
    private readonly bus: Bus,
    private readonly vault: Vault,
    private readonly tries: Tries,
  ) {}

  @Serve(loginRoute)
  async login({ body }: RouteInput<typeof loginRoute>, call: Call): Promise<RouteReply<typeof loginRoute>> {
    const { username: login, ...typed } = body;
    const { token, from } = beginning(call);
    const sealed = await this.vault.seal(JSON.stringify({ login, ...typed }), typedPlace(from.tokenHash));
    await this.tries.signInOnce(call.address, () =>
      this.bus.request(signInWithPassword, { ...from, sealed }),
    );
    call.reply.header('cache-control', 'no-store');
    return tokens(token);
  }

  @Serve(autoLoginRoute)
  autoLogin(): RouteReply<typeof autoLoginRoute> {
    return { detail: { message: 'Auto login is disabled.', auto_login: false } };
  }

  @Serve(sessionRoute)
  async session(
    _input: RouteInput<typeof sessionRoute>,
    call: Call,
  ): Promise<RouteReply<typeof sessionRoute>> {
    const credential = presentedCredential(call.request);
    const principal =
      credential &&
      (await this.tries.verify(credential, call.address).catch((error: unknown) => {
        if (isKeyRefused(error)) return undefined;
        throw error;
      }));
    const user = principal ? await this.read(principal) : null;
    return { authenticated: user !== null, user, store_api_key: null };
  }

  @Serve(refreshRoute)
  refresh(
    _input: RouteInput<typeof refreshRoute>,
    { request, reply }: Call,
  ): RouteReply<typeof refreshRoute> {
    const token = presentedToken(request);
    // What a cookie holds is not shown to the scripts of pages.
    if (token === undefined)
      throw causewayError('REQUEST_INVALID', {
        problems: 'headers.authorization: send Bearer and the token of a session',
      });
    reply.header('cache-control', 'no-store');
    return tokens(token);
  }

  @Serve(logoutRoute)
  async logout(_input: RouteInput<typeof logoutRoute>, call: Call): Promise<RouteReply<typeof logoutRoute>> {
    await this.bus.request(endSession, actorOf(call));
    clearCookie(call.request, call.reply, 'session');
    return { message: 'Logout successful' };
  }

  @Serve(whoamiRoute)
  whoami(_input: RouteInput<typeof whoamiRoute>, { principal }: Call): Promise<UserRead> {
    return this.read(principal);
  }

  private async read(principal: Principal): Promise<UserRead> {
    const asked = actorOf({ principal, requestId: '' }).principal;
    const { subject, roles } = await withContext({ principal }, () =>
      this.bus.request(getSelf, { principal: asked }),
    );
    return {
      id: subject.id,
      username: subject.name,
      profile_image: null,
      store_api_key: null,
      is_active: true,
      is_superuser: roles.some(({ role, level }) => role === 'owner' && level === 'organisation'),
      create_at: null,
      updated_at: null,
      last_login_at: null,
      optins: null,
    };
  }
}

function tokens(token: string) {
  return { access_token: token, refresh_token: token, token_type: 'bearer' as const };
}
