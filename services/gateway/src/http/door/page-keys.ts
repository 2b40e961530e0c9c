import { causewayError, findPageOrigin, runFlow } from '@causeway/contracts';
import type { Principal, Route, RunInput } from '@causeway/contracts';
import { Bus, exposedHeaders, log } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ExpiringMap } from '../../domain/expiring-map.js';

const REMEMBERED = 1_000;
const BELIEVED_MS = 5_000;

/**
 * Keys for public pages. A browser asks first whether a page may call, without the key: yes, if some valid key lists the page's origin. What
 * comes then is decided by the key that it brings, and only a page of that key's list can read the answer.
 */
@Injectable()
export class PageKeys {
  private readonly known = new ExpiringMap<boolean>(REMEMBERED, BELIEVED_MS);

  constructor(private readonly bus: Bus) {}

  /** Whether a key lists an origin. While auth does not answer, none does: the page tries again. */
  async isListed(origin: string): Promise<boolean> {
    const known = this.known.get(origin, Date.now());
    if (known !== undefined) return known;
    try {
      const { isListed } = await this.bus.request(findPageOrigin, { origin: origin.slice(0, 300) });
      this.known.set(origin, isListed, Date.now());
      return isListed;
    } catch (error) {
      log.failure(error, 'origin of a page not known');
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
 * What a visitor of a page may not send: it would change what the flow does.
 *
 * @throws CausewayError KEY_FOR_PAGES_REFUSED
 */
export function checkPageInput({ origins }: Principal, { tweaks, variables }: RunInput): void {
  if (!origins) return;
  if (tweaks && Object.keys(tweaks).length > 0)
    throw causewayError('KEY_FOR_PAGES_REFUSED', { problem: 'the request may have no tweaks.' });
  if (variables)
    throw causewayError('KEY_FOR_PAGES_REFUSED', {
      problem: 'the request may set no variables (headers X-Langflow-Global-Var-…).',
    });
}
