import {
  type ReplyOf,
  actorOf,
  authorizeOAuth,
  getSelf,
  oauthAuthorizeRoute,
  oauthConsentRoute,
} from '@causeway/contracts';
import type { RouteInput } from '@causeway/contracts';
import { Bus, Vault } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { type Html, html } from '../../domain/pages/html.js';
import { csrfField } from '../../domain/pages/page.js';
import { shownText } from '../../domain/pages/shown-text.js';
import { typedPlace } from '../pages/beginning.js';
import type { Call } from '../door/call.js';
import { presentedSession } from '../door/credential.js';
import { Serve } from '../door/serve.js';
import { csrfOf } from '../door/session-cookie.js';
import { originOf } from '../door/public-origin.js';
import { sendPage } from '../pages/send-page.js';
import { askedAccess } from './asked-access.js';

type Asks = Extract<ReplyOf<typeof authorizeOAuth>, { asks: object }>['asks'];

/** Whether a program may act for a person is asked on a page of this site, each time. */
@Controller()
export class ConsentController {
  constructor(
    private readonly bus: Bus,
    private readonly vault: Vault,
  ) {}

  @Serve(oauthAuthorizeRoute)
  async ask(_input: RouteInput<typeof oauthAuthorizeRoute>, call: Call): Promise<string> {
    const query = call.request.url.split('?').slice(1).join('?');
    const found = await this.bus.request(authorizeOAuth, {
      ...actorOf(call),
      origin: originOf(call.request),
      query,
    });
    if (!('asks' in found)) return this.goOn(call, found.sealed);
    const csrf = csrfField(csrfOf(presentedSession(call.request) ?? ''));
    return sendPage(call, {
      title: `Let ${found.asks.client} act for you?`,
      content: question(
        found.asks,
        call,
        await this.teamOf(call),
        html`${csrf}<input type="hidden" name="query" value="${query}" />`,
      ),
    });
  }

  @Serve(oauthConsentRoute)
  async decide({ body }: RouteInput<typeof oauthConsentRoute>, call: Call): Promise<string> {
    const { query, decision } = body;
    const origin = originOf(call.request);
    const found = await this.bus.request(authorizeOAuth, { ...actorOf(call), origin, query, decision });
    // Somebody has changed the form: with a decision, nothing is asked.
    if ('asks' in found) return this.ask({ params: undefined, query: undefined, body: undefined }, call);
    return this.goOn(call, found.sealed);
  }

  /** The name of the team in which the program would act. */
  private async teamOf(call: Call): Promise<string | undefined> {
    const { teamId, teams } = await this.bus.request(getSelf, { principal: actorOf(call).principal });
    return teams.find(({ id }) => id === teamId)?.name;
  }

  /** A form may lead to no other site, so the page itself goes on. */
  private async goOn(call: Call, sealed: string): Promise<string> {
    const address = await this.vault.open(sealed, typedPlace(call.requestId));
    return sendPage(call, {
      title: 'You go back to the program',
      next: address,
      content: html`<p>If nothing happens, <a href="${address}">go on</a>. Then you can close this page.</p>`,
    });
  }
}

function question(
  { client, redirectUri, permissions, learns }: Asks,
  { principal }: Call,
  team: string | undefined,
  hidden: Html,
): Html {
  const lacked = permissions.filter((one) => !principal.permissions.includes(one));
  return html`<p>
      The program <strong>${shownText(client)}</strong> asks to act for you, ${shownText(principal.name)}, in
      ${team === undefined ? 'the team where you work now' : html`team <strong>${shownText(team)}</strong>`}.
      Afterwards your browser goes to
      <code>${new URL(redirectUri).origin === 'null' ? redirectUri : new URL(redirectUri).origin}</code>.
      Allow it only if you have just started this program yourself.
    </p>
    ${askedAccess({ permissions, learns }, lacked)}
    <form method="post" action="/oauth/authorize">
      ${hidden}<button class="main" name="decision" value="allow">Allow</button>
      <button name="decision" value="deny">Do not allow</button>
    </form>`;
}
