import {
  accountPageRoute,
  actorOf,
  causewayError,
  chooseTeamRoute,
  createKey,
  deleteKey,
  endOAuthGrant,
  endProgramRoute,
  endSession,
  endSessionsRoute,
  getSelf,
  listKeys,
  listOAuthGrants,
  listUserSessions,
  makeKeyRoute,
  permissions,
  revokeKeyRoute,
  switchTeam,
} from '@causeway/contracts';
import type { ApiKey, OAuthGrant, Permission, RouteInput, Session } from '@causeway/contracts';
import { Bus, newApiKey } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { browserName } from '../../domain/pages/browser-name.js';
import { type Html, type Part, html } from '../../domain/pages/html.js';
import { csrfField, pageTable, shownTime } from '../../domain/pages/page.js';
import { permissionText } from '../../domain/pages/permission-text.js';
import { shownText } from '../../domain/pages/shown-text.js';
import type { Call } from '../door/call.js';
import { presentedSession } from '../door/credential.js';
import { Serve } from '../door/serve.js';
import { csrfOf } from '../door/session-cookie.js';
import { sendOn, sendPage } from './send-page.js';

const DAY_MS = 86_400_000;
/** Rows of each table; who has more uses the API. */
const SHOWN = 200;
const KEY_DAYS = 90;

/** The page of one's own sessions and keys. */
@Controller()
export class AccountController {
  constructor(private readonly bus: Bus) {}

  @Serve(accountPageRoute)
  async show(_input: RouteInput<typeof accountPageRoute>, call: Call): Promise<string> {
    const { principal } = actorOf(call);
    const page = { limit: SHOWN };
    const [sessions, programs, keys, self] = await Promise.all([
      this.bus.request(listUserSessions, { principal, page }),
      this.bus.request(listOAuthGrants, { principal, page }),
      principal.permissions.includes('key:read') && this.bus.request(listKeys, { principal, page }),
      this.bus.request(getSelf, { principal }),
    ]);
    const csrf = csrfField(csrfOf(presentedSession(call.request) ?? ''));
    const team = self.teams.find(({ id }) => id === self.teamId);
    const content = html`<div class="headed">
      <h2>Where you are signed in</h2>
      ${sessionsTable(sessions.items, csrf)} ${more(sessions)}
      ${sessions.items.length > 1 && html`<form class="block" method="post" action="/account/sessions">${csrf}<input type="hidden" name="sessionId" value="others" /><button>End all other sessions</button></form>`}
      <h2>Programs that may act for you</h2>
      ${programsTable(programs.items, csrf)} ${more(programs)}
      <h2>Your API keys${team && html` in team ${shownText(team.name)}`}</h2>
      <p class="quiet">
        A key works in one team.
        ${self.teams.length > 1 && html`Those in other teams are shown when you <a href="/">work there</a>.`}
      </p>
      ${keys ? [keysTable(keys.keys, csrf), more(keys)] : html`<p>You may not see keys here: that needs <code>key:read</code>.</p>`}
      ${principal.permissions.includes('key:write') ? keyForm(principal.permissions, csrf) : html`<p>You may not make keys here: that needs <code>key:write</code>.</p>`}
    </div>`;
    return sendPage(call, { title: 'Sessions and keys', content, isWide: true });
  }

  @Serve(chooseTeamRoute)
  async chooseTeam({ body }: RouteInput<typeof chooseTeamRoute>, call: Call): Promise<void> {
    await this.bus.request(switchTeam, { ...actorOf(call), teamId: body.teamId });
    sendOn(call, '/');
  }

  @Serve(endSessionsRoute)
  async endSessions({ body }: RouteInput<typeof endSessionsRoute>, call: Call): Promise<void> {
    const { sessionId } = body;
    const which = sessionId === 'others' ? { others: true } : { sessionId };
    await this.bus.request(endSession, { ...actorOf(call), ...which });
    sendOn(call, '/account');
  }

  @Serve(endProgramRoute)
  async endProgram({ body }: RouteInput<typeof endProgramRoute>, call: Call): Promise<void> {
    await this.bus.request(endOAuthGrant, { ...actorOf(call), grantId: body.grantId });
    sendOn(call, '/account');
  }

  @Serve(makeKeyRoute)
  async makeKey({ body }: RouteInput<typeof makeKeyRoute>, call: Call): Promise<string> {
    const ticked = permissions.filter((one) => body[one] === 'on');
    if (body.may === 'ticked' && ticked.length === 0)
      throw causewayError('REQUEST_INVALID', { problems: 'Tick at least one thing that the key may do.' });
    const { secret, ...stored } = newApiKey();
    const expiresAt = new Date(Date.now() + body.days * DAY_MS).toISOString();
    const { key } = await this.bus.request(createKey, {
      ...actorOf(call),
      ...stored,
      name: body.name,
      expiresAt,
      ...(body.may === 'ticked' && { permissions: ticked }),
    });
    const content = html`<p>
        The key <strong>${shownText(key.name)}</strong> is shown only this once: copy it now, to where your
        program finds it.
      </p>
      <div class="field">
        <label for="key">API key</label
        ><input
          id="key"
          class="key"
          value="${secret}"
          readonly
          autocomplete="off"
          spellcheck="false"
          aria-describedby="key-note"
        />
        <small id="key-note">All of it is selected when you tab into it; then press Ctrl+C, or Cmd+C.</small>
      </div>
      <p>It is valid until ${shownTime(key.expiresAt ?? expiresAt)}, and may:</p>
      ${allowed(key)}
      <p><a href="/account">Back to your sessions and keys</a></p>`;
    return sendPage(call, { title: 'A new key', content });
  }

  @Serve(revokeKeyRoute)
  async revokeKey({ params }: RouteInput<typeof revokeKeyRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteKey, { ...actorOf(call), ...params });
    sendOn(call, '/account');
  }
}

function sessionsTable(sessions: readonly Session[], csrf: Html): Html {
  return pageTable(
    'Sessions',
    ['by', 'browser', 'address', 'began', 'last used', 'ends at the latest', ''],
    sessions.map(({ id, connection, userAgent, address, createdAt, lastUsedAt, expiresAt, isCurrent }) => [
      connection,
      userAgent === null ? '' : browserName(userAgent),
      address,
      shownTime(createdAt),
      shownTime(lastUsedAt),
      shownTime(expiresAt),
      isCurrent
        ? 'this session'
        : html`<form method="post" action="/account/sessions">
            ${csrf}<input type="hidden" name="sessionId" value="${id}" /><button
              aria-label="End the session that began ${createdAt}"
            >
              End
            </button>
          </form>`,
    ]),
  );
}

function programsTable(programs: readonly OAuthGrant[], csrf: Html): Html {
  return pageTable(
    'Programs',
    ['program', 'may', 'since', 'until', ''],
    programs.map(({ id, client, permissions, createdAt, expiresAt }) => [
      client,
      permissions.join(', '),
      shownTime(createdAt),
      shownTime(expiresAt),
      html`<form method="post" action="/account/programs">
        ${csrf}<input type="hidden" name="grantId" value="${id}" /><button
          aria-label="Do not let ${client} act for you any more"
        >
          End
        </button>
      </form>`,
    ]),
  );
}

function keysTable(keys: readonly ApiKey[], csrf: Html): Html {
  return pageTable(
    'Keys',
    ['name', 'key', 'may', 'made', 'last used', 'uses', 'expires', ''],
    keys.map((key) => {
      const { id, name, masked, createdAt, lastUsedAt, totalUses, expiresAt, isActive } = key;
      const end = expiresAt === null ? 'never' : shownTime(expiresAt);
      return [
        name,
        html`<code>${masked.slice(0, 12)}</code>`,
        html`<details>
          <summary>${countOf(key.permissions.length, 'thing')}</summary>
          ${allowed(key)}
        </details>`,
        shownTime(createdAt),
        lastUsedAt === null ? 'never' : shownTime(lastUsedAt),
        totalUses.toLocaleString('en'),
        isActive ? end : html`<span class="badge refused">expired</span> ${end}`,
        html`<form method="post" action="/account/keys/${id}/revoke">
          ${csrf}<button aria-label="Revoke the key ${name}">Revoke</button>
        </form>`,
      ];
    }),
  );
}

function keyForm(held: readonly Permission[], csrf: Html): Html {
  return html`<h3>A new key</h3>
    <form class="block" method="post" action="/account/keys">
      ${csrf}
      <label>Name<input name="name" required maxlength="200" autocomplete="off" /></label>
      <label
        >Days until it expires<input
          type="number"
          name="days"
          value="${KEY_DAYS}"
          min="1"
          max="3650"
          required
      /></label>
      <fieldset>
        <legend>What it may do</legend>
        <label class="tick"
          ><input type="radio" name="may" value="all" checked /> all that you may do in this team</label
        >
        <label class="tick"><input type="radio" name="may" value="ticked" /> only what is ticked here:</label>
        <div class="ticks">
          ${held.map(
            (one) =>
              html`<label class="tick"
                ><input type="checkbox" name="${one}" /><span
                  >${permissionText[one]} <span class="quiet">${one}</span></span
                ></label
              >`,
          )}
        </div>
      </fieldset>
      <button class="main">Make a key</button>
    </form>`;
}

function allowed(key: ApiKey): Html {
  return html`<ul class="allowed">
    ${key.permissions.map((one) => html`<li>${permissionText[one]} <span class="quiet">${one}</span></li>`)}
  </ul>`;
}

function countOf(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}

/** Where a list is longer than the page. */
function more({ next }: { readonly next?: string | undefined }): Part {
  return (
    next !== undefined &&
    html`<p class="quiet">These are the first ${SHOWN}; the <a href="/docs">API</a> lists all.</p>`
  );
}
