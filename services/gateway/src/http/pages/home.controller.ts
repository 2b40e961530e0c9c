import { actorOf, explainAccess, getSelf, homePageRoute, pageStyleRoute } from '@causeway/contracts';
import type { Principal, RouteInput } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Bus, withContext } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { html } from '../../domain/pages/html.js';
import { PAGE_STYLE } from '../../domain/pages/page-style.js';
import { csrfField, pageTable } from '../../domain/pages/page.js';
import { Identity, isKeyRefused } from '../../operations/identity.js';
import { type Call, callerFor } from '../door/call.js';
import { presentedCredential, presentedSession } from '../door/credential.js';
import { Serve } from '../door/serve.js';
import { clearCookie, csrfOf } from '../door/session-cookie.js';
import { sendPage } from './send-page.js';

/** How long a browser keeps the pages' style. */
const STYLE_S = 300;

/** The first page. */
@Controller()
export class HomeController {
  constructor(
    private readonly bus: Bus,
    private readonly identity: Identity,
  ) {}

  @Serve(homePageRoute)
  async home(_input: RouteInput<typeof homePageRoute>, call: Call): Promise<string> {
    const principal = await this.findPrincipal(call);
    if (!principal) return sendPage(call, { title: 'Causeway', content: welcome });
    return withContext({ principal }, () => this.homeOf({ ...call, ...callerFor(principal) }));
  }

  @Serve(pageStyleRoute)
  style(_input: RouteInput<typeof pageStyleRoute>, { reply }: Call): string {
    reply.headers({
      'content-type': 'text/css; charset=utf-8',
      'cache-control': `public, max-age=${STYLE_S}`,
    });
    return PAGE_STYLE;
  }

  private async homeOf(call: Call): Promise<string> {
    const { principal } = actorOf(call);
    const self = await this.bus.request(getSelf, { principal });
    const { teamId } = self;
    const team = self.teams.find(({ id }) => id === teamId);
    const access = team && (await this.bus.request(explainAccess, { principal, teamId }));
    const token = presentedSession(call.request);
    const csrf = token === undefined ? undefined : csrfOf(token);
    const chooser =
      csrf !== undefined &&
      self.teams.length > 1 &&
      html`<form class="block" method="post" action="/account/team">
        ${csrfField(csrf)}
        <label
          >Team<select name="teamId">
            ${self.teams.map(({ id, name }) => html`<option value="${id}" ${id === teamId && html` selected`}>${name}</option>`)}
          </select></label
        >
        <button>Work in this team</button>
      </form>`;
    const roles = self.roles.map(({ role, level, team: where, group }) => [
      role,
      level === 'organisation'
        ? 'the whole organisation'
        : `${level === 'team' ? 'team' : `a ${level} of team`} ${where ?? ''}`,
      group === undefined ? 'yourself' : `group ${group}`,
    ]);
    const content = html`<p>
        You are <strong>${self.subject.name}</strong>${self.email !== null && html`, ${self.email}`}, in
        ${self.organisation.name}${team && html`, and work in team <strong>${team.name}</strong>`}.
      </p>
      ${!team && html`<p class="bad">You have no role here yet. Somebody who gives roles in your team can give you one, or put you into a group.</p>`}
      ${chooser} ${pageTable('Your roles', ['role', 'where', 'given to'], roles)}
      ${
        access &&
        pageTable(
          `What you may do in team ${access.team.name}`,
          ['permission', 'allowed', 'why'],
          access.permissions.map(({ permission, allowed, by }) => [
            html`<code>${permission}</code>`,
            allowed ? html`<span class="good">yes</span>` : 'no',
            by.length === 0
              ? 'no role allows it'
              : by
                  .map(
                    ({ role, level, group }) =>
                      `role ${role} in the ${level}${group === undefined ? '' : `, by group ${group}`}`,
                  )
                  .join('; '),
          ]),
        )
      }
      <h2>Where to go next</h2>
      <ul>
        <li><a href="/account">Your sessions and API keys</a></li>
        <li><a href="/openapi.json">Every route, as an OpenAPI document</a></li>
      </ul>`;
    return sendPage(call, { title: `Hello ${self.subject.name}`, content });
  }

  /** Who is signed in. Whoever is not, or not any more, sees the page for everybody. */
  private async findPrincipal({ request, reply }: Call): Promise<Principal | undefined> {
    const credential = presentedCredential(request);
    if (!credential) return undefined;
    try {
      return await this.identity.verify(credential);
    } catch (error) {
      if (!isKeyRefused(error)) throw error;
      if (isCausewayError(error) && error.code === 'SESSION_ENDED') clearCookie(request, reply, 'session');
      return undefined;
    }
  }
}

const welcome = html`<p>Causeway runs AI workflows for the teams of a company.</p>
  <p><a class="main" href="/sign-in">Sign in</a></p>
  <h2>For programs</h2>
  <p>
    Send an API key as the header <code>x-api-key</code>.
    <a href="/openapi.json">Every route, as an OpenAPI document</a>.
  </p>`;
