import { PageOrigin, causewayError, findPageOrigin, runFlow } from '@causeway/contracts';
import type { Principal, Route, RunInput } from '@causeway/contracts';
import { Bus, exposedHeaders, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ExpiringMap } from '../../domain/expiring-map.js';
import { addressGroup } from '../../domain/limits/address-group.js';
import { WrongKeys } from '../../domain/limits/wrong-keys.js';

/** Auth's answer about an origin is trusted for so long. */
const BELIEVED_MS = 5_000;
/** An origin that was listed needs no try for so long. */
const RIGHT_MS = 3_600_000;
/** An origin about which auth did not answer is not asked about again for so long. */
const FAILED_MS = 1_000;
const REMEMBERED = 10_000;

/**
 * Keys for public pages. A browser asks first whether a page may call, without the key: yes, if some valid key lists the page's origin. What
 * comes then is decided by the key that it brings, and only a page of that key's list can read the answer.
 *
 * Anybody can make up origins, and each new one costs auth a query of its database. So each that is not listed uses up a try of its
 * sender's address, as a wrong key does, and what is remembered of such origins is kept apart from what is remembered of the listed ones.
 */
@Injectable()
export class PageKeys {
  private readonly listed = new ExpiringMap<true>(REMEMBERED, BELIEVED_MS);
  private readonly right = new ExpiringMap<true>(REMEMBERED, RIGHT_MS);
  private readonly unlisted = new ExpiringMap<true>(REMEMBERED, BELIEVED_MS);
  private readonly failed = new ExpiringMap<true>(REMEMBERED, FAILED_MS);
  private readonly asking = new Map<string, Promise<boolean>>();
  private readonly tries = new WrongKeys();

  constructor(private readonly bus: Bus) {}

  /**
   * Whether a key lists an origin. While auth does not answer, none does, and neither does a new one from an address that has asked about
   * too many: the page tries again.
   *
   * @param address  from where the request comes
   */
  async isListed(origin: string, address: string): Promise<boolean> {
    const nowMs = Date.now();
    if (this.listed.get(origin, nowMs)) return true;
    if (this.unlisted.get(origin, nowMs) || this.failed.get(origin, nowMs)) return false;
    const asked = this.asking.get(origin);
    if (asked) return asked;
    if (!PageOrigin.safeParse(origin).success) return false;
    const network = addressGroup(address);
    const wasListed = this.right.get(origin, nowMs) === true;
    if (!wasListed && this.tries.take(network, nowMs) > 0) return false;
    const question = this.ask(origin).finally(() => this.asking.delete(origin));
    this.asking.set(origin, question);
    const isListed = await question;
    if (isListed && !wasListed) this.tries.giveBack(network, Date.now());
    return isListed;
  }

  private async ask(origin: string): Promise<boolean> {
    try {
      const { isListed } = await this.bus.request(findPageOrigin, { origin });
      if (isListed) {
        this.listed.set(origin, true, Date.now());
        this.right.set(origin, true, Date.now());
      } else {
        this.unlisted.set(origin, true, Date.now());
        this.right.delete(origin);
      }
      return isListed;
    } catch (error) {
      log.failure(error, 'origin of a page not known');
      this.failed.set(origin, true, Date.now());
      return false;
    }
  }
}

/** Lets the pages of a key read the answer, also when it is a refusal. */
export function letPageRead({ origins }: Principal, request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers;
  if (origin === undefined || !origins?.includes(origin)) return;
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposedHeaders.join(', '),
    vary: 'Origin',
  });
}

/**
 * Everybody can read a key for pages: it runs a flow from these pages and does nothing else, whatever other routes ask of their callers.
 *
 * @throws CausewayError KEY_ORIGIN_REFUSED when it comes from elsewhere or without an origin, KEY_FOR_PAGES_REFUSED for any other route
 */
export function checkPage({ origins }: Principal, route: Route, request: FastifyRequest): void {
  if (!origins) return;
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin))
    throw causewayError('KEY_ORIGIN_REFUSED', {
      origins: origins.join(', '),
      origin: origin === undefined ? 'a program, which names no page' : origin.slice(0, 300),
    });
  if (route !== runFlow)
    throw causewayError('KEY_FOR_PAGES_REFUSED', { problem: `it does not ${route.method} ${route.path}.` });
}

/**
 * What a visitor of a page may not send: it would change what the flow does, or show more than its chat outputs.
 *
 * @throws CausewayError KEY_FOR_PAGES_REFUSED
 */
export function checkPageInput({ origins }: Principal, input: RunInput): void {
  if (!origins) return;
  const { tweaks, variables, inputType, outputType, outputComponent } = input;
  const refuse = (problem: string): Error => causewayError('KEY_FOR_PAGES_REFUSED', { problem });
  if (tweaks && Object.keys(tweaks).length > 0) throw refuse('the request may have no tweaks.');
  if (variables) throw refuse('the request may set no variables (headers X-Langflow-Global-Var-…).');
  // A text input is a setting of the flow, and with `debug` or by its name every node shows what it made.
  if (inputType !== 'chat') throw refuse('its input_type is chat; leave it out.');
  if (outputType !== 'chat') throw refuse('its output_type is chat; leave it out.');
  if (outputComponent !== undefined) throw refuse('the request may have no output_component.');
}
