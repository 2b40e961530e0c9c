import type { KeyObject } from 'node:crypto';
import { type RequestContract, causewayError, ownerOf } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import { type JWTPayload, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { TrustedKeys } from './keys.js';
import { ALGORITHM, IDENTIFIER, SenderClaims } from './sender-claims.js';

/** A busy caller has a new token about every second, so most tokens are used for a second only. */
const REMEMBERED = 2_000;
/** The clocks of two machines may differ by so much. */
const CLOCK_S = 5;

/** Who sent a message: the service, and the principal on whose behalf. */
export interface Sender {
  readonly service: string;
  readonly principal: Principal;
}

/** Verifies who sent a message. A token is verified once and remembered until it expires. */
export class MessageVerifier {
  readonly #keys: TrustedKeys;
  readonly #known = new LRUCache<string, { sender: Sender; untilMs: number }>({ max: REMEMBERED });

  constructor(keys: TrustedKeys) {
    this.#keys = keys;
  }

  /**
   * The sender of a request, with its token.
   *
   * @throws CausewayError SENDER_REFUSED when the token is not that of a service that may send it, is for another service, has expired,
   * or names a principal for which the service may not speak
   */
  async verify(token: string | undefined, contract: RequestContract): Promise<Sender> {
    const { subject } = contract;
    if (token === undefined) throw causewayError('SENDER_REFUSED', { subject, problem: 'it is not signed' });
    const known = this.#known.get(token);
    const sender =
      known && known.untilMs > Date.now()
        ? known.sender
        : await this.#read(token, ownerOf(contract), subject);
    if (contract.from.includes(sender.service)) return sender;
    const problem = `${sender.service} may not send it`;
    throw causewayError('SENDER_REFUSED', { subject, problem });
  }

  async #read(token: string, audience: string, subject: string): Promise<Sender> {
    const refuse = (problem: string): Error => causewayError('SENDER_REFUSED', { subject, problem });
    try {
      const service = String(decodeProtectedHeader(token).kid);
      const keys = this.#keys.get(service);
      if (!keys) throw refuse('it is signed by nobody who is known here');
      const payload = await verifyWith(keys, token, service, audience);
      const { data: claims } = SenderClaims.safeParse(payload);
      if (!claims) throw refuse('it names no principal');
      const { principal } = claims;
      const isItself = principal.kind === 'system' && principal.id === service;
      if (!isItself && (service !== IDENTIFIER || principal.kind === 'system'))
        throw refuse(`${service} may not send it for ${principal.kind} ${principal.id}`);
      const sender = { service, principal };
      const untilMs = ((payload.exp ?? 0) + CLOCK_S) * 1000;
      this.#known.set(token, { sender, untilMs }, { ttl: Math.max(1, untilMs - Date.now()) });
      return sender;
    } catch (error) {
      if (!(error instanceof errors.JOSEError) && !(error instanceof TypeError)) throw error;
      throw refuse(`its signature is not valid: ${error.message}`);
    }
  }
}

/** With the first key that fits: a service may have two while one replaces the other. */
async function verifyWith(
  keys: readonly KeyObject[],
  token: string,
  issuer: string,
  audience: string,
): Promise<JWTPayload> {
  let problem: unknown;
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [ALGORITHM],
        issuer,
        audience,
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_S,
      });
      return payload;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}
