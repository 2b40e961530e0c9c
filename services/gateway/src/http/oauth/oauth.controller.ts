import {
  MOST_OAUTH_CHARACTERS,
  OAuthAnswer,
  type OAuthRequest,
  askOAuth,
  deviceAuthorizationRoute,
  oauthIntrospectRoute,
  oauthKeysRoute,
  oauthMetadataRoute,
  oauthRevokeRoute,
  oauthTokenRoute,
  openIdConfigurationRoute,
} from '@causeway/contracts';
import type { RouteInput } from '@causeway/contracts';
import { Bus, Vault, apiKeyHash } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { ClientTries } from '../../domain/keys/client-tries.js';
import { addressGroup } from '../../domain/limits/address-group.js';
import { Refusals } from '../../operations/refusals.js';
import { WrittenJson } from '../answer/answer-json.js';
import { typedPlace } from '../pages/beginning.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { originOf } from '../door/public-origin.js';

/** What describes the server may be kept for so long. */
const METADATA_S = 300;

/**
 * The authorization server as programs see it: each request is passed to auth as it is, sealed, because it holds secrets, and so does the
 * answer. Cookies are never passed on.
 */
@Controller()
export class OAuthController {
  private readonly tries = new ClientTries();

  constructor(
    private readonly bus: Bus,
    private readonly vault: Vault,
    private readonly refusals: Refusals,
  ) {}

  @Serve(oauthTokenRoute)
  token(_input: RouteInput<typeof oauthTokenRoute>, call: Call): Promise<WrittenJson> {
    return this.asClient(call);
  }

  @Serve(deviceAuthorizationRoute)
  authorizeDevice(_input: RouteInput<typeof deviceAuthorizationRoute>, call: Call): Promise<WrittenJson> {
    return this.asClient(call);
  }

  @Serve(oauthIntrospectRoute)
  introspect(_input: RouteInput<typeof oauthIntrospectRoute>, call: Call): Promise<WrittenJson> {
    return this.asClient(call);
  }

  @Serve(oauthRevokeRoute)
  revoke(_input: RouteInput<typeof oauthRevokeRoute>, call: Call): Promise<WrittenJson> {
    return this.asClient(call);
  }

  @Serve(oauthKeysRoute)
  keys(_input: RouteInput<typeof oauthKeysRoute>, call: Call): Promise<WrittenJson> {
    return this.metadata(call);
  }

  @Serve(openIdConfigurationRoute)
  configuration(_input: RouteInput<typeof openIdConfigurationRoute>, call: Call): Promise<WrittenJson> {
    return this.metadata(call);
  }

  @Serve(oauthMetadataRoute)
  oauthMetadata(_input: RouteInput<typeof oauthMetadataRoute>, call: Call): Promise<WrittenJson> {
    return this.metadata(call);
  }

  private async metadata(call: Call): Promise<WrittenJson> {
    const answer = await this.ask(call, { body: '' });
    // Without the setting it names the address of this request, which another caller must not get from a shared cache.
    const who = call.request.server.publicOrigin === undefined ? 'private' : 'public';
    call.reply.header('cache-control', `${who}, max-age=${METADATA_S}`);
    return written(call, answer);
  }

  private async asClient(call: Call): Promise<WrittenJson> {
    const { request } = call;
    const address = addressGroup(call.address);
    const body = ((request.body as Buffer | undefined) ?? Buffer.alloc(0)).toString('utf8');
    if (body.length > MOST_OAUTH_CHARACTERS)
      return written(
        call,
        refusal(413, 'invalid_request', `the body has more than ${MOST_OAUTH_CHARACTERS} characters`),
      );
    const { authorization, 'content-type': contentType, 'user-agent': userAgent } = request.headers;
    const who = proofOf(authorization, body);
    const waitMs = this.tries.take(address, who, Date.now());
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1_000);
      call.reply.header('retry-after', String(seconds));
      const told = `too many wrong requests came from ${address}; try again in ${seconds} s`;
      return this.refused(call, refusal(429, 'slow_down', told));
    }
    const answer = await this.ask(call, {
      body,
      ...(authorization !== undefined && { authorization: authorization.slice(0, 4_000) }),
      ...(contentType !== undefined && { contentType: contentType.slice(0, 200) }),
      ...(userAgent !== undefined && { userAgent: userAgent.slice(0, 500) }),
    }).catch((error: unknown) => {
      this.tries.giveBack(address, who, Date.now());
      throw error;
    });
    const isRight = answer.status < 400 || isWaiting(answer);
    this.tries.note(address, who, isRight, Date.now());
    return isRight ? written(call, answer) : this.refused(call, answer);
  }

  private async ask(
    { route, request, requestId, address }: Call,
    rest: Pick<OAuthRequest, 'body' | 'authorization' | 'contentType' | 'userAgent'>,
  ): Promise<OAuthAnswer> {
    const method = request.method === 'POST' ? 'POST' : 'GET';
    const asked: OAuthRequest = { method, path: route.path, origin: originOf(request), ...rest };
    const place = typedPlace(requestId);
    const sealed = await this.vault.seal(JSON.stringify(asked), place);
    const reply = await this.bus.request(askOAuth, {
      sealed,
      requestId,
      address,
      network: addressGroup(address),
    });
    return OAuthAnswer.parse(JSON.parse(await this.vault.open(reply.sealed, place)));
  }

  /** The audit log says who was refused, without what they sent. */
  private refused(call: Call, answer: OAuthAnswer): WrittenJson {
    const object = { type: 'route', id: `${call.request.method} ${call.route.path}` };
    const userAgent = call.request.headers['user-agent'];
    if (answer.status < 500) this.refusals.note('OAUTH_REFUSED', { caller: call, userAgent, object });
    return written(call, answer);
  }
}

/** A hash of how a client proves who it is, or else of what it has instead; undefined when it names none. */
function proofOf(authorization: string | undefined, body: string): string | undefined {
  const form = new URLSearchParams(body);
  const [id, secret] = [form.get('client_id'), form.get('client_secret')];
  if (authorization === undefined && id === null) return undefined;
  if (authorization !== undefined || secret !== null)
    return apiKeyHash(JSON.stringify([authorization, id, secret]));
  return apiKeyHash(body);
}

/** Whether the program has a right device code, and a person has yet to answer: no refusal, and no guess. Source: RFC 8628, 3.5. */
function isWaiting({ status, body }: OAuthAnswer): boolean {
  if (status !== 400) return false;
  const { error } = JSON.parse(body) as { error?: unknown };
  return error === 'authorization_pending' || error === 'slow_down';
}

function written({ reply }: Call, answer: OAuthAnswer): WrittenJson {
  reply.code(answer.status);
  for (const [name, value] of Object.entries(answer.headers))
    if (name !== 'cache-control' || reply.getHeader(name) === undefined) reply.header(name, value);
  return new WrittenJson(Buffer.from(answer.body), { type: 'application/json; charset=utf-8' });
}

/** Source: RFC 6749, 5.2. */
function refusal(status: number, error: string, description: string): OAuthAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return { status, headers, body: JSON.stringify({ error, error_description: description }) };
}
