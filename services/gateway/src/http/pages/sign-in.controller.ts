import {
  backChannelLogoutRoute,
  beginSignIn,
  beginSignInRoute,
  causewayError,
  endProviderSessions,
  endSession,
  actorOf,
  finishSignInRoute,
  offerConnections,
  offerPasswords,
  signInPageRoute,
  signOutRoute,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { Bus, Vault } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { html } from '../../domain/pages/html.js';
import { safePath } from '../../domain/pages/safe-path.js';
import { Tries } from '../../operations/tries.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { clearCookie, readCookie, setCookie } from '../door/session-cookie.js';
import { originOf } from '../door/public-origin.js';
import { typedPlace } from './beginning.js';
import { TICKET_S, finishWith } from './finish-sign-in.js';
import { sendOn, sendPage } from './send-page.js';

/** Signing in and out: the browser goes to the identity provider and comes back. */
@Controller()
export class SignInController {
  constructor(
    private readonly bus: Bus,
    private readonly tries: Tries,
    private readonly vault: Vault,
  ) {}

  @Serve(signInPageRoute)
  async choose({ query }: RouteInput<typeof signInPageRoute>, call: Call): Promise<string> {
    const { email, to = '/' } = query;
    const [{ items }, { forEverybody }] = await Promise.all([
      this.bus.request(offerConnections, email ? { email } : {}),
      this.bus.request(offerPasswords, {}),
    ]);
    const address = (name: string): string => {
      const more = new URLSearchParams({ to, ...(email && { email }) });
      return `/sign-in/${name}?${more}`;
    };
    const [only] = items;
    // A form may lead to no other site, so the page itself goes on.
    if (email && only && items.length === 1)
      return sendPage(call, {
        title: 'Sign in',
        next: address(only.name),
        content: html`<p>You go on to <a href="${address(only.name)}">${only.label}</a>.</p>`,
      });
    const choices =
      items.length > 0 &&
      html`<h2>Or choose where you sign in</h2>
        <ul class="choices">
          ${items.map(({ name, label }) => html`<li><a class="main" href="${address(name)}">${label}</a></li>`)}
        </ul>`;
    const nobody = email
      ? html`<p class="bad" role="alert">Nobody signs in here with an address like ${email}.</p>`
      : items.length === 0 &&
        html`<p>
          No identity provider is set up yet. Whoever owns the organisation adds one with
          <code>npx causeway sso add</code>.
        </p>`;
    const content = html`${nobody}
      <form class="block" method="get" action="/sign-in">
        <label
          >Your e-mail address<input
            type="email"
            name="email"
            autocomplete="username"
            required
            maxlength="320"
        /></label>
        <input type="hidden" name="to" value="${to}" />
        <button class="main">Go on</button>
      </form>
      ${email ? html`<p><a href="/sign-in">All places to sign in</a></p>` : choices}
      <p>
        <a href="/password?${String(new URLSearchParams({ to }))}"
          >${forEverybody ? 'Sign in with a password' : 'Break-glass sign-in'}</a
        >
      </p>`;
    return sendPage(call, { title: 'Sign in', content });
  }

  @Serve(beginSignInRoute)
  async begin({ params, query }: RouteInput<typeof beginSignInRoute>, call: Call): Promise<void> {
    const { connection } = params;
    const { email, to = '/' } = query;
    // Where the cookie cannot be kept, nothing begins.
    setCookie(call.request, call.reply, 'ticket', '', 0);
    const { url, ticket } = await this.bus.request(beginSignIn, {
      connection,
      callbackUrl: `${originOf(call.request)}/sign-in/${connection}/callback`,
      returnTo: safePath(to),
      ...(email !== undefined && { email }),
    });
    call.reply.removeHeader('set-cookie');
    setCookie(call.request, call.reply, 'ticket', ticket, TICKET_S);
    sendOn(call, url);
  }

  @Serve(finishSignInRoute)
  async finish({ params }: RouteInput<typeof finishSignInRoute>, call: Call): Promise<void> {
    const ticket = readCookie(call.request, 'ticket');
    if (ticket === undefined) throw causewayError('SIGN_IN_EXPIRED', { minutes: TICKET_S / 60 });
    await finishWith(
      { bus: this.bus, tries: this.tries, vault: this.vault },
      call,
      params.connection,
      ticket,
    );
  }

  @Serve(backChannelLogoutRoute)
  async endByProvider(
    { params, body }: RouteInput<typeof backChannelLogoutRoute>,
    call: Call,
  ): Promise<RouteReply<typeof backChannelLogoutRoute>> {
    const { logout_token: logoutToken } = body;
    const { requestId } = call;
    call.reply.header('cache-control', 'no-store');
    return this.tries.logOutOnce(call.address, () =>
      this.bus.request(endProviderSessions, { ...params, logoutToken, requestId }),
    );
  }

  @Serve(signOutRoute)
  async signOut(_input: RouteInput<typeof signOutRoute>, call: Call): Promise<string> {
    const returnUrl = `${originOf(call.request)}/sign-in`;
    const { sealedSignOutUrl } = await this.bus.request(endSession, { ...actorOf(call), returnUrl });
    const signOutUrl =
      sealedSignOutUrl && (await this.vault.open(sealedSignOutUrl, typedPlace(call.requestId)));
    clearCookie(call.request, call.reply, 'session');
    const goOn = signOutUrl ?? '/sign-in';
    return sendPage(
      { ...call, principal: { ...call.principal, kind: 'anonymous' } },
      {
        title: 'You are signed out',
        ...(signOutUrl !== undefined && { next: signOutUrl }),
        content: html`<p>
          <a href="${goOn}"
            >${signOutUrl === undefined ? 'Sign in again' : 'Sign out of your identity provider too'}</a
          >
        </p>`,
      },
    );
  }
}
