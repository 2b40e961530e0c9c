import { causewayError, findPageOrigin } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
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

/**
 * Lets the pages of a key read the answer.
 *
 * @throws CausewayError KEY_ORIGIN_REFUSED for a key for pages that comes from elsewhere, or without an origin
 */
export function admitPage({ origins }: Principal, request: FastifyRequest, reply: FastifyReply): void {
  if (!origins) return;
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin))
    throw causewayError('KEY_ORIGIN_REFUSED', {
      origins: origins.join(', '),
      origin: origin === undefined ? 'a program, which names no page' : origin.slice(0, 300),
    });
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposedHeaders.join(', '),
    vary: 'Origin',
  });
}
