import {
  acceptInvitation,
  acceptInvitationRoute,
  invitationPageRoute,
  passwordPageRoute,
  passwordSignInRoute,
  readInvitation,
  signInWithPassword,
} from '@causeway/contracts';
import type { RouteInput } from '@causeway/contracts';
import { Bus, Vault, apiKeyHash } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { html } from '../../domain/pages/html.js';
import { safePath } from '../../domain/pages/safe-path.js';
import { Tries } from '../../operations/tries.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { checkFormOrigin, setCookie } from '../door/session-cookie.js';
import { beginningInBrowser, typedPlace } from './beginning.js';
import { sendOn, sendPage } from './send-page.js';

/** Signing in with a password, and accepting an invitation. */
@Controller()
export class PasswordController {
  constructor(
    private readonly bus: Bus,
    private readonly vault: Vault,
    private readonly tries: Tries,
  ) {}

  @Serve(passwordPageRoute)
  show({ query }: RouteInput<typeof passwordPageRoute>, call: Call): string {
    const content = html`<form class="block" method="post" action="/password">
      <label>User name<input name="login" autocomplete="username" required maxlength="200" /></label>
      <label
        >Password<input
          type="password"
          name="password"
          autocomplete="current-password"
          required
          maxlength="1000"
      /></label>
      <label
        >Code, if you have an authenticator<input
          name="code"
          inputmode="numeric"
          autocomplete="one-time-code"
          maxlength="20"
      /></label>
      <input type="hidden" name="to" value="${query.to ?? '/'}" />
      <button class="main">Sign in</button>
    </form>`;
    return sendPage(call, { title: 'Sign in with a password', content });
  }

  @Serve(passwordSignInRoute)
  async signIn({ body }: RouteInput<typeof passwordSignInRoute>, call: Call): Promise<void> {
    checkFormOrigin(call.request);
    const { to = '/', ...typed } = body;
    const { token, from } = beginningInBrowser(call);
    const sealed = await this.vault.seal(JSON.stringify(typed), typedPlace(from.tokenHash));
    const { expiresAt } = await this.tries.signInOnce(call.address, () =>
      this.bus.request(signInWithPassword, { ...from, sealed }),
    );
    this.keep(call, token, expiresAt);
    sendOn(call, safePath(to));
  }

  @Serve(invitationPageRoute)
  async invited({ query }: RouteInput<typeof invitationPageRoute>, call: Call): Promise<string> {
    const { token } = query;
    const invitation = await this.tries.signInOnce(call.address, () =>
      this.bus.request(readInvitation, { tokenHash: apiKeyHash(token) }),
    );
    const content = html`<p>
        Hello ${invitation.name}, you are invited to ${invitation.organisation}. Choose with what you sign in
        from now on.
      </p>
      <form class="block" method="post" action="/invitation">
        <label
          >User name<input
            name="login"
            value="${invitation.email}"
            autocomplete="username"
            required
            maxlength="200"
        /></label>
        <label
          >Password, of at least 12 characters<input
            type="password"
            name="password"
            autocomplete="new-password"
            required
            minlength="12"
            maxlength="200"
        /></label>
        <input type="hidden" name="token" value="${token}" />
        <button class="main">Accept</button>
      </form>`;
    return sendPage(call, { title: 'You are invited', content });
  }

  @Serve(acceptInvitationRoute)
  async accept({ body }: RouteInput<typeof acceptInvitationRoute>, call: Call): Promise<void> {
    checkFormOrigin(call.request);
    const { token: invitation, ...typed } = body;
    const { token, from } = beginningInBrowser(call);
    const sealed = await this.vault.seal(JSON.stringify(typed), typedPlace(from.tokenHash));
    const invitationHash = apiKeyHash(invitation);
    const { expiresAt } = await this.tries.signInOnce(call.address, () =>
      this.bus.request(acceptInvitation, { ...from, invitationHash, sealed }),
    );
    this.keep(call, token, expiresAt);
    sendOn(call, '/');
  }

  private keep({ request, reply }: Call, token: string, expiresAt: string): void {
    const seconds = Math.max(0, Math.floor((Date.parse(expiresAt) - Date.now()) / 1_000));
    setCookie(request, reply, 'session', token, seconds);
  }
}
