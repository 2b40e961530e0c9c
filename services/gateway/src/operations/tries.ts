import { causewayError, toWireError } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import type { Credential } from '../domain/keys/credential.js';
import { addressGroup } from '../domain/limits/address-group.js';
import { WrongKeys } from '../domain/limits/wrong-keys.js';
import { Identity, isKeyRefused } from './identity.js';

/** Codes of keys and of webhooks that do not exist. */
const UNKNOWN = /^(KEY_INVALID|SESSION_ENDED|TOKEN_INVALID|SCIM_TOKEN_INVALID|WEBHOOK_UNKNOWN)$/;
/** Codes of passwords, invitations and answers of identity providers that are wrong. */
const NOT_SIGNED_IN = /^(PASSWORD_(WRONG|LOCKED)|INVITATION_UNKNOWN|SIGN_IN_(EXPIRED|REFUSED))$/;
const NOT_LOGGED_OUT = /^LOGOUT_TOKEN_INVALID$/;
/** A sign-in takes seconds, and many people of one office may sign in at the same moment. */
const SIGN_INS_AT_ONCE = 100;
/** An identity provider that ends all sessions at once sends as many tokens from one address, and may send none again. */
const LOGOUTS_AT_ONCE = 1_000;

/**
 * The way to other services for what strangers present: keys, sessions, tokens, addresses of webhooks, passwords and links. Each one costs a
 * query of a database, or more, so each wrong one uses up a try of its address, and without a try nothing is asked. That does not keep
 * out right ones that are known: behind a proxy that is not configured, all callers share one address. Clients of OAuth, codes of devices and
 * origins of pages are counted where they arrive, in the same way.
 */
@Injectable()
export class Tries {
  private readonly wrongKeys = new WrongKeys();
  /** Apart, so that whoever guesses keys keeps nobody at the same address from signing in. */
  private readonly wrongSignIns = new WrongKeys({ atOnce: SIGN_INS_AT_ONCE });
  private readonly wrongLogouts = new WrongKeys({ atOnce: LOGOUTS_AT_ONCE });

  constructor(private readonly identity: Identity) {}

  /** The principal of what somebody presents. @throws CausewayError KEY_TRIES_SPENT, and what `Identity` throws */
  async verify(key: Credential | undefined, address: string): Promise<Principal> {
    if (key === undefined || this.identity.remembers(key)) return this.identity.verify(key);
    const refusal = this.wrongKeys.findRefusal(key.secret, Date.now());
    if (refusal) throw refusal;
    const verify = (): Promise<Principal> => this.identity.verify(key);
    try {
      return await (this.identity.wasRight(key) ? verify() : this.findOnce(address, verify));
    } catch (error) {
      if (isKeyRefused(error)) this.wrongKeys.note(key.secret, error, Date.now());
      throw error;
    }
  }

  /** Looks for a key or the address of a webhook that this gateway does not know. @throws CausewayError KEY_TRIES_SPENT, and what `find` throws */
  findOnce(address: string, find: () => Promise<Principal>): Promise<Principal> {
    return tryOnce(this.wrongKeys, address, find, UNKNOWN);
  }

  /** Signs somebody in, or opens an invitation. @throws CausewayError KEY_TRIES_SPENT, and what `ask` throws */
  signInOnce<T>(address: string, ask: () => Promise<T>): Promise<T> {
    return tryOnce(this.wrongSignIns, address, ask, NOT_SIGNED_IN);
  }

  /** Takes a logout token of an identity provider. @throws CausewayError KEY_TRIES_SPENT, and what `ask` throws */
  logOutOnce<T>(address: string, ask: () => Promise<T>): Promise<T> {
    return tryOnce(this.wrongLogouts, address, ask, NOT_LOGGED_OUT);
  }
}

async function tryOnce<T>(
  tries: WrongKeys,
  from: string,
  ask: () => Promise<T>,
  isWrong: RegExp,
): Promise<T> {
  const address = addressGroup(from);
  const waitMs = tries.take(address, Date.now());
  if (waitMs > 0) throw causewayError('KEY_TRIES_SPENT', { address, retryAfterS: Math.ceil(waitMs / 1_000) });
  try {
    const found = await ask();
    tries.giveBack(address, Date.now());
    return found;
  } catch (error) {
    // Whoever has one that exists does not guess.
    if (!isWrong.test(toWireError(error).code)) tries.giveBack(address, Date.now());
    throw error;
  }
}
