import {
  causewayError,
  connectionMetadataRoute,
  describeConnection,
  finishSamlSignInRoute,
  samlAnswerRoute,
} from '@causeway/contracts';
import type { RouteInput } from '@causeway/contracts';
import { Bus, Vault } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { html } from '../../domain/pages/html.js';
import { SUBMIT_SCRIPT, submitPolicy } from '../../domain/pages/submit-script.js';
import { Tries } from '../../operations/tries.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { checkFormOrigin, readCookie } from '../door/session-cookie.js';
import { originOf } from '../door/public-origin.js';
import { TICKET_S, finishWith } from './finish-sign-in.js';
import { sendPage } from './send-page.js';

/**
 * Signing in at SAML identity providers. Their answer arrives as a form that a page of theirs sends, and with such a form a browser sends no
 * cookie of this site. So a page of this site sends it once more, together with the ticket that proves which browser began.
 */
@Controller()
export class SamlController {
  constructor(
    private readonly bus: Bus,
    private readonly tries: Tries,
    private readonly vault: Vault,
  ) {}

  @Serve(connectionMetadataRoute)
  async metadata(
    { params: { connection } }: RouteInput<typeof connectionMetadataRoute>,
    call: Call,
  ): Promise<string> {
    const callbackUrl = `${originOf(call.request)}/sign-in/${connection}/callback`;
    const { xml } = await this.bus.request(describeConnection, { connection, callbackUrl });
    call.reply.headers({
      'content-type': 'application/samlmetadata+xml; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    return xml;
  }

  /** Nothing is read here, so nobody who has not begun a sign-in makes anything be parsed. */
  @Serve(samlAnswerRoute)
  answer({ params: { connection }, body }: RouteInput<typeof samlAnswerRoute>, call: Call): string {
    const page = sendPage(call, {
      title: 'Sign in',
      content: html`<form class="block" method="post" action="/sign-in/${connection}/finish">
          <input type="hidden" name="SAMLResponse" value="${body.SAMLResponse}" />
          <p>Your identity provider has answered.</p>
          <button class="main">Go on</button>
        </form>
        ${SUBMIT_SCRIPT}`,
    });
    call.reply.header('content-security-policy', submitPolicy);
    return page;
  }

  @Serve(finishSamlSignInRoute)
  async finish(
    { params: { connection }, body }: RouteInput<typeof finishSamlSignInRoute>,
    call: Call,
  ): Promise<void> {
    checkFormOrigin(call.request);
    const ticket = readCookie(call.request, 'ticket');
    if (ticket === undefined)
      throw causewayError('SIGN_IN_NOT_BEGUN', { minutes: TICKET_S / 60, page: `/sign-in/${connection}` });
    await finishWith(
      { bus: this.bus, tries: this.tries, vault: this.vault },
      call,
      connection,
      ticket,
      body.SAMLResponse,
    );
  }
}
