import type { KeyObject } from 'node:crypto';
import { DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID, ownerOf, withoutGrants } from '@causeway/contracts';
import type { Principal, RequestContract } from '@causeway/contracts';
import { SignJWT } from 'jose';
import { currentContext } from '../context/context.js';
import { ALGORITHM, IDENTIFIER, LIFETIME_S } from './sender-claims.js';

/** A token is used for so long. It is valid longer, for messages under way and for clocks that differ. */
const USED_MS = 20_000;

interface Made {
  readonly token: Promise<string>;
  readonly atMs: number;
}

/**
 * Signs the messages of a service: for the caller of the current context where the service identifies callers, else for itself. The
 * token of a principal is made once for each receiver, and again when it gets old.
 */
export class MessageSigner {
  readonly #key: KeyObject;
  readonly #made = new WeakMap<Principal, Map<string, Made>>();
  readonly #selves = new Map<string, Principal>();

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /**
   * A token for a request.
   *
   * @param service  the service that sends it
   * @param caller   for whom the gateway sends it @default the caller of the current context
   */
  sign(service: string, contract: RequestContract, caller = currentContext().principal): Promise<string> {
    const audience = ownerOf(contract);
    const isForCaller = service === IDENTIFIER && contract.gatewayActsFor !== 'itself';
    const principal = (isForCaller ? caller : undefined) ?? this.#selfOf(service);
    const made = this.#made.get(principal) ?? new Map<string, Made>();
    this.#made.set(principal, made);
    const known = made.get(audience);
    const nowMs = Date.now();
    if (known && nowMs - known.atMs < USED_MS && nowMs >= known.atMs) return known.token;
    const token = this.#make(service, audience, principal);
    made.set(audience, { token, atMs: nowMs });
    return token;
  }

  #make(service: string, audience: string, principal: Principal): Promise<string> {
    return new SignJWT({ principal: withoutGrants(principal) })
      .setProtectedHeader({ alg: ALGORITHM, kid: service })
      .setIssuer(service)
      .setAudience(audience)
      .setExpirationTime(Math.floor(Date.now() / 1000) + LIFETIME_S)
      .sign(this.#key);
  }

  #selfOf(service: string): Principal {
    const known = this.#selves.get(service);
    if (known) return known;
    const self: Principal = {
      kind: 'system',
      id: service,
      name: service,
      organisationId: DEFAULT_ORGANISATION_ID,
      teamId: DEFAULT_TEAM_ID,
      permissions: [],
    };
    this.#selves.set(service, self);
    return self;
  }
}
