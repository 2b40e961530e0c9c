import {
  accountPageRoute,
  actorOf,
  chooseTeamRoute,
  createKey,
  deleteKey,
  endOAuthGrant,
  endProgramRoute,
  endSession,
  endSessionsRoute,
  listKeys,
  listOAuthGrants,
  listUserSessions,
  makeKeyRoute,
  revokeKeyRoute,
  switchTeam,
} from '@causeway/contracts';
import type { ApiKey, OAuthGrant, RouteInput, Session } from '@causeway/contracts';
import { Bus, newApiKey } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { type Html, html } from '../../domain/pages/html.js';
import { csrfField, pageTable, shownTime } from '../../domain/pages/page.js';
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
    const [sessions, programs, keys] = await Promise.all([
      this.bus.request(listUserSessions, { principal, page }),
      this.bus.request(listOAuthGrants, { principal, page }),
      principal.permissions.includes('key:read')
        ? this.bus.request(listKeys, { principal, page })
        : { keys: [] },
    ]);
    const csrf = csrfField(csrfOf(presentedSession(call.request) ?? ''));
    const content = html`<h2>Where you are signed in</h2>
      ${sessionsTable(sessions.items, csrf)}
      ${sessions.items.length > 1 && html`<form class="block" method="post" action="/account/sessions">${csrf}<input type="hidden" name="sessionId" value="others" /><button>End all other sessions</button></form>`}
      <h2>Programs that may act for you</h2>
      ${programsTable(programs.items, csrf)}
      <h2>Your API keys in this team</h2>
      ${keysTable(keys.keys, csrf)}
      <form class="block" method="post" action="/account/keys">
        ${csrf}
        <label>Name<input name="name" required maxlength="200" /></label>
        <label
          >Days until it expires<input
            type="number"
            name="days"
            value="${KEY_DAYS}"
            min="1"
            max="3650"
            required
        /></label>
        <button class="main">Make a key</button>
      </form>`;
    return sendPage(call, { title: 'Sessions and keys', content });
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
    const { secret, ...stored } = newApiKey();
    const expiresAt = new Date(Date.now() + body.days * DAY_MS).toISOString();
    const { key } = await this.bus.request(createKey, {
      ...actorOf(call),
      ...stored,
      name: body.name,
      expiresAt,
    });
    const content = html`<p>
        This is the key <strong>${key.name}</strong>. It is shown only this once: keep it.
      </p>
      <code class="key">${secret}</code>
      <p>It is valid until ${shownTime(expiresAt)}. <a href="/account">Your sessions and keys</a></p>`;
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
      userAgent,
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
    ['name', 'key', 'made', 'last used', 'expires', ''],
    keys.map(({ id, name, masked, createdAt, lastUsedAt, expiresAt, isActive }) => [
      name,
      html`<code>${masked.slice(0, 12)}</code>`,
      shownTime(createdAt),
      lastUsedAt === null ? 'never' : shownTime(lastUsedAt),
      expiresAt === null ? 'never' : shownTime(expiresAt),
      isActive &&
        html`<form method="post" action="/account/keys/${id}/revoke">
          ${csrf}<button aria-label="Revoke the key ${name}">Revoke</button>
        </form>`,
    ]),
  );
}
