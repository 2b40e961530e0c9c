import { holdsSomewhere } from '@causeway/authz';
import { actorOf, explainAccess, getSelf, homePageRoute, pageStyleRoute } from '@causeway/contracts';
import type { Principal, RouteInput } from '@causeway/contracts';
import { Bus, withContext } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { html } from '../../domain/pages/html.js';
import { PAGE_STYLE } from '../../domain/pages/page-style.js';
import { csrfField, pageTable } from '../../domain/pages/page.js';
import { permissionText } from '../../domain/pages/permission-text.js';
import { shownText } from '../../domain/pages/shown-text.js';
import { SharedFlows } from '../../operations/shared-flows.js';
import type { Call } from '../door/call.js';
import { presentedSession } from '../door/credential.js';
import { Serve } from '../door/serve.js';
import { csrfOf } from '../door/session-cookie.js';
import { homeFlows } from './home-flows.js';
import { sendPage } from './send-page.js';
import { Visitors } from './visitors.js';

/** How long a browser keeps the pages' style. */
const STYLE_S = 300;

/** The first page. */
@Controller()
export class HomeController {
  constructor(
    readonly bus: Bus,
    private readonly visitors: Visitors,
    readonly shared: SharedFlows,
  ) {}

  @Serve(homePageRoute)
  async home(_input: RouteInput<typeof homePageRoute>, call: Call): Promise<string> {
    const visitor = await this.visitors.find(call);
    if (!visitor) return sendPage(call, { title: 'Causeway', content: welcome });
    return withContext({ principal: visitor.principal }, () => this.homeOf(visitor));
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
    const [access, flows] = await Promise.all([
      team && this.bus.request(explainAccess, { principal, teamId }),
      team && homeFlows(this, call),
    ]);
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
        You are
        <strong>${shownText(self.subject.name)}</strong>${self.email !== null && html`, ${self.email}`}, in
        ${self.organisation.name}${team && html`, and work in team <strong>${shownText(team.name)}</strong>`}.
      </p>
      ${!team && html`<p class="bad">You have no role here yet. Somebody who gives roles in your team can give you one, or put you into a group.</p>`}
      ${chooser}
      <h2>Where to go next</h2>
      <ul class="cards">
        ${nextPages(call.principal).map(
          ({ path, text, about }) =>
            html`<li>
              <a href="${path}">${text}</a>
              <p>${about}</p>
            </li>`,
        )}
      </ul>
      ${flows}
      <h2>Your access</h2>
      ${pageTable('Your roles', ['role', 'where', 'given to'], roles)}
      ${
        access &&
        pageTable(
          `What you may do in team ${access.team.name}`,
          ['permission', 'allowed', 'why'],
          access.permissions.map(({ permission, allowed, by }) => [
            html`<code>${permission}</code> <span class="quiet">${permissionText[permission]}</span>`,
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
      } `;
    return sendPage(call, { title: `Hello ${self.subject.name}`, content });
  }
}

/** The pages of use to somebody, with what is there. */
function nextPages(principal: Principal): { path: string; text: string; about: string }[] {
  const [reads, writes] = [
    principal.permissions.includes('key:read'),
    principal.permissions.includes('key:write'),
  ];
  const keys = writes ? ', and make API keys' : reads ? ', and see your API keys' : '';
  const audit = {
    path: '/audit',
    text: 'Audit log',
    about: 'Search what was done and refused, by whom and from where, and export it.',
  };
  return [
    {
      path: '/account',
      text: 'Sessions and keys',
      about: `See where you are signed in and which programs act for you${keys}.`,
    },
    ...(holdsSomewhere(principal, 'audit:read') ? [audit] : []),
    { path: '/docs', text: 'API', about: 'Every route: what it needs, takes and answers, with an example.' },
  ];
}

const welcome = html`<p class="lead">Causeway runs AI workflows for the teams of a company.</p>
  <p><a class="main" href="/sign-in">Sign in</a></p>
  <h2>For programs</h2>
  <p>
    Send an API key as the header <code>x-api-key</code>. <a href="/docs">Every route, with examples</a>; the
    same as a document for tools: <a href="/openapi.json">openapi.json</a>.
  </p>`;
