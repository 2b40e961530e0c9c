import {
  actorOf,
  causewayError,
  decideDevice,
  decideDeviceRoute,
  devicePageRoute,
  getSelf,
  reviewDevice,
} from '@causeway/contracts';
import type { DeviceQuestion, ReplyOf, RouteInput } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { CodeTries } from '../../domain/keys/code-tries.js';
import { addressGroup } from '../../domain/limits/address-group.js';
import { type Html, html } from '../../domain/pages/html.js';
import { csrfField, shownTime } from '../../domain/pages/page.js';
import { shownText } from '../../domain/pages/shown-text.js';
import type { Call } from '../door/call.js';
import { presentedSession } from '../door/credential.js';
import { Serve } from '../door/serve.js';
import { csrfOf } from '../door/session-cookie.js';
import { originOf } from '../door/public-origin.js';
import { sendPage } from '../pages/send-page.js';
import { askedAccess } from './asked-access.js';

/** The page where a person answers a program that has no browser: they type the code that it shows. */
@Controller()
export class DeviceController {
  private readonly tries = new CodeTries();

  constructor(private readonly bus: Bus) {}

  @Serve(devicePageRoute)
  async show({ query }: RouteInput<typeof devicePageRoute>, call: Call): Promise<string> {
    const { user_code: userCode = '' } = query;
    if (userCode.trim() === '') return sendPage(call, { title: TITLE, content: codeForm });
    const actor = actorOf(call);
    const origin = originOf(call.request);
    const question = await this.trying(call, () =>
      this.bus.request(reviewDevice, { ...actor, origin, userCode }),
    );
    const self = await this.bus.request(getSelf, { principal: actor.principal });
    const csrf = csrfField(csrfOf(presentedSession(call.request) ?? ''));
    return sendPage(call, {
      title: `Let ${question.client} act for you?`,
      content: questionText(question, call, self, csrf),
    });
  }

  @Serve(decideDeviceRoute)
  async decide({ body }: RouteInput<typeof decideDeviceRoute>, call: Call): Promise<string> {
    const { user_code: userCode, teamId, decision } = body;
    const origin = originOf(call.request);
    const wanted = { ...actorOf(call), origin, userCode, teamId, decision };
    const { client } = await this.trying(call, () => this.bus.request(decideDevice, wanted));
    const isAllowed = decision === 'allow';
    return sendPage(call, {
      title: isAllowed ? 'The program may act for you' : 'The program may not act for you',
      content: html`<p>
        ${
          isAllowed
            ? html`<strong>${shownText(client)}</strong> goes on by itself within a few seconds. You can close
                this page.`
            : html`<strong>${shownText(client)}</strong> gets nothing. If you did not start it, somebody else
                may have wanted you to: tell whoever looks after security in your company.`
        }
      </p>`,
    });
  }

  /** Only a code that nothing waits for counts as a wrong one. */
  private async trying<T>({ principal, address }: Call, ask: () => Promise<T>): Promise<T> {
    const network = addressGroup(address);
    const waitMs = this.tries.take(principal.id, network, Date.now());
    if (waitMs > 0) throw causewayError('USER_CODE_TRIES', { retryAfterS: Math.ceil(waitMs / 1_000) });
    let isWrong = false;
    try {
      return await ask();
    } catch (error) {
      isWrong = isCausewayError(error) && error.code === 'USER_CODE_UNKNOWN';
      throw error;
    } finally {
      if (!isWrong) this.tries.giveBack(principal.id, network, Date.now());
    }
  }
}

const TITLE = 'Let a program act for you';

const codeForm = html`<p>
    A program that has no browser, such as <code>causeway login --device</code>, shows a code. Type it here.
  </p>
  <p class="bad">
    Go on only if you started that program yourself, just now. Nobody who helps you needs a code from this
    page.
  </p>
  <form class="block" method="get" action="/device">
    <label
      >Code<input
        name="user_code"
        required
        maxlength="50"
        autofocus
        autocomplete="off"
        autocapitalize="characters"
        spellcheck="false"
        placeholder="BCDF-GHJK"
    /></label>
    <button class="main">Go on</button>
  </form>`;

function questionText(
  question: DeviceQuestion,
  { principal, address: here }: Call,
  { teams, teamId }: ReplyOf<typeof getSelf>,
  csrf: Html,
): Html {
  const { client, userCode, permissions, address, userAgent, askedAt, expiresAt } = question;
  const lacked = permissions.filter((one) => !principal.permissions.includes(one));
  return html`<p>
      The program <strong>${shownText(client)}</strong> asks to act for you, ${principal.name}. It shows this
      code:
    </p>
    <p><code class="key">${userCode}</code></p>
    <dl>
      <dt>It runs at</dt>
      <dd>
        ${address ?? 'an unknown address'}${address !== null && (address === here ? ', the address of this browser' : ', not the address of this browser')}
      </dd>
      <dt>It calls itself</dt>
      <dd>${shownText(userAgent ?? 'nothing')}</dd>
      <dt>It asked</dt>
      <dd>${shownTime(askedAt)}; the code is valid until ${shownTime(expiresAt)}</dd>
    </dl>
    <p class="bad">
      Allow it only if you started this program yourself, just now, and it shows the same code. If somebody
      sent you this address or this code, they want to act in your name: do not allow it.
    </p>
    ${askedAccess(question, lacked)}
    <form class="block" method="post" action="/device">
      ${csrf}<input type="hidden" name="user_code" value="${userCode}" />
      <label
        >In the team<select name="teamId">
          ${teams.map(({ id, name }) => html`<option value="${id}" ${id === teamId && html` selected`}>${name}</option>`)}
        </select></label
      >
      <button class="main" name="decision" value="allow">Allow</button>
      <button name="decision" value="deny">Do not allow</button>
    </form>`;
}
