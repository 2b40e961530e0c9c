import { authorize, checkPermitted, principalOfShare } from '@causeway/authz';
import type { OwnedObject } from '@causeway/authz';
import {
  accessChanged,
  causewayError,
  countKeyUses,
  isUnreachable,
  keyChanged,
  sessionChanged,
  tokensChanged,
  verifyKey,
  verifyScimToken,
  verifySession,
  verifyToken,
} from '@causeway/contracts';
import type { Permission, Principal } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import type { CausewayError } from '@causeway/dag';
import {
  Bus,
  SCIM_TOKEN_PREFIX,
  SESSION_PREFIX,
  SETTINGS,
  TOKEN_PREFIX,
  apiKeyHash,
  log,
} from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Settings } from '../config.js';
import type { Credential } from '../domain/keys/credential.js';
import { ExpiringMap } from '../domain/expiring-map.js';

/** Most keys that are cached. */
const CACHE_ENTRIES = 10_000;
/** Auth's answer about a key is trusted for this time only, since the message of a revocation may be lost. */
const BELIEVED_MS = 1_000;
/** A key in use is verified again at this age, after a request was answered, so that no request waits for it. */
const AHEAD_MS = 700;
/** While auth does not respond, requests that can be answered from the cache wait at most this long, and then do not wait for a second. */
const AGAIN_TIMEOUT_MS = 1_000;
const MAX_KEY_LENGTH = 500;
/** A key that was right does not count as a guess for so long. */
const RIGHT_MS = 3_600_000;
/** How often uses are reported to auth, and how many keys are in one request. */
const USES_MS = 5_000;
const USES_AT_ONCE = 500;

interface Known {
  readonly principal: Principal;
  readonly expiresAtMs: number;
  /** Time of auth's last answer, or of the last request that auth did not answer. */
  askedAtMs: number;
}

/**
 * Finds the principal of a key, of a session, of an access token or of a SCIM token, which are called keys here too. Auth's answer is trusted for a second, whether the key is in use or not, so that a revoked
 * key stops working within a second; while auth does not answer, a cached key is trusted for at most `keyCacheMs`, then refused.
 */
@Injectable()
export class Identity implements OnModuleInit, OnApplicationShutdown {
  private readonly known: ExpiringMap<Known>;
  private readonly right = new ExpiringMap<true>(CACHE_ENTRIES, RIGHT_MS);
  private readonly asking = new Map<string, Promise<Known>>();
  private uses = new Map<string, { count: number; lastUsedAtMs: number }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bus: Bus,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.known = new ExpiringMap(CACHE_ENTRIES, settings.keyCacheMs);
  }

  onModuleInit(): void {
    this.bus.subscribe(keyChanged, undefined, ({ keyId }) =>
      this.known.deleteWhere(({ principal }) => principal.keyId === keyId),
    );
    this.bus.subscribe(sessionChanged, undefined, ({ sessionId }) =>
      this.known.deleteWhere(({ principal }) => principal.sessionId === sessionId),
    );
    this.bus.subscribe(tokensChanged, undefined, ({ organisationId }) =>
      this.known.deleteWhere(
        ({ principal }) => principal.tokenId !== undefined && principal.organisationId === organisationId,
      ),
    );
    this.bus.subscribe(accessChanged, undefined, ({ organisationId }) =>
      this.known.deleteWhere(({ principal }) => principal.organisationId === organisationId),
    );
    this.timer = setInterval(() => void this.tellUses(), USES_MS);
  }

  /** Waits for auth's answers, because the connection to NATS closes next. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.tellUses();
  }

  /** The principal behind a key. Throws KEY_MISSING, KEY_INVALID, KEY_UNUSABLE, SESSION_ENDED, TOKEN_INVALID, SCIM_TOKEN_INVALID; UNAVAILABLE when auth does not answer and the key is not cached. */
  async verify(key: Credential | undefined): Promise<Principal> {
    const { kind, keyHash } = hashOf(key);
    const known = this.known.get(keyHash, Date.now());
    // Auth itself counts a use for each request that it gets; uses that are answered without such a request are counted here.
    const isCounted = !this.asking.has(keyHash) && (!known || Date.now() - known.askedAtMs > AHEAD_MS);
    const { principal, expiresAtMs } = await this.findOut(kind, keyHash, known);
    // A stream may have asked about a token that has expired since it began.
    if (expiresAtMs <= Date.now()) throw ended(kind);
    if (!isCounted) this.countUse(principal.keyId);
    return principal;
  }

  /**
   * Why the holder of a key may not get the rest of a stream about an object; undefined while they may. While auth is unreachable the last decision counts,
   * for `keyCacheMs` as for every request; then it is UNAVAILABLE. This check does not count as a use of the key.
   * An access token lasts minutes, and a run may last longer: what began with a valid one goes on when it expires, but not when it is revoked.
   */
  async findRefusal(
    key: Credential | undefined,
    needed: readonly Permission[],
    object: OwnedObject,
  ): Promise<CausewayError | undefined> {
    try {
      const { kind, keyHash } = hashOf(key);
      const found = await this.findOut(kind, keyHash, this.known.get(keyHash, Date.now()), true);
      const principal =
        found.principal.teamId === object.teamId
          ? found.principal
          : (principalOfShare(found.principal, { teamId: object.teamId }) ?? found.principal);
      checkPermitted({ principal }, needed, true);
      for (const permission of needed) authorize({ principal, tenant: principal }, permission, object);
      return undefined;
    } catch (error) {
      if (!isCausewayError(error)) throw error;
      return error;
    }
  }

  /** From the cache while it is fresh; from auth otherwise; from the cache again when auth does not answer. */
  private async findOut(
    kind: Credential['kind'],
    keyHash: string,
    known: Known | undefined,
    again?: boolean,
  ): Promise<Known> {
    if (!known) return this.ask(kind, keyHash, { again });
    const nowMs = Date.now();
    const isOutlived = again && kind === 'token';
    if (known.expiresAtMs <= nowMs && !isOutlived) throw ended(kind);
    const ageMs = nowMs - known.askedAtMs;
    if (ageMs <= AHEAD_MS) return known;
    const asked = this.ask(kind, keyHash, { again, timeoutMs: AGAIN_TIMEOUT_MS }).catch((error: unknown) => {
      if (!isUnreachable(error)) throw error;
      known.askedAtMs = Date.now();
      return known;
    });
    if (ageMs > BELIEVED_MS) return asked;
    asked.catch((error: unknown) => log.debug({ error }, 'key not verified again'));
    return known;
  }

  /** Whether `verify` needs no new request to auth for this key, because it is cached or a request is under way. */
  remembers(key: Credential): boolean {
    const { keyHash } = hashOf(key);
    return this.asking.has(keyHash) || this.known.get(keyHash, Date.now()) !== undefined;
  }

  /** Whether auth has known this key within the hour. */
  wasRight(key: Credential): boolean {
    return this.right.get(hashOf(key).keyHash, Date.now()) === true;
  }

  private countUse(keyId: string | undefined): void {
    if (keyId === undefined) return;
    this.uses.set(keyId, { count: (this.uses.get(keyId)?.count ?? 0) + 1, lastUsedAtMs: Date.now() });
  }

  private async tellUses(): Promise<void> {
    const all = [...this.uses].map(([keyId, { count, lastUsedAtMs }]) => ({
      keyId,
      count,
      lastUsedAt: new Date(lastUsedAtMs).toISOString(),
    }));
    this.uses = new Map();
    const requests = [];
    for (let start = 0; start < all.length; start += USES_AT_ONCE)
      requests.push(this.bus.request(countKeyUses, { uses: all.slice(start, start + USES_AT_ONCE) }));
    for (const outcome of await Promise.allSettled(requests))
      if (outcome.status === 'rejected') log.failure(outcome.reason, 'uses of keys not counted');
  }

  /** Sends one request to auth per key at a time, however many requests wait for it. */
  private ask(
    kind: Credential['kind'],
    keyHash: string,
    { again, timeoutMs }: { again?: boolean | undefined; timeoutMs?: number },
  ): Promise<Known> {
    const asked = this.asking.get(keyHash);
    if (asked) return asked;
    const question = this.request(kind, keyHash, again, timeoutMs)
      .then(({ principal, expiresAt }) => {
        const known = {
          principal,
          expiresAtMs: expiresAt === null ? Infinity : Date.parse(expiresAt),
          askedAtMs: Date.now(),
        };
        this.known.set(keyHash, known, Date.now());
        this.right.set(keyHash, true, Date.now());
        return known;
      })
      .catch((error: unknown) => {
        if (isKeyRefused(error)) {
          this.known.delete(keyHash);
          if (error.code !== 'KEY_UNUSABLE') this.right.delete(keyHash);
        }
        throw error;
      })
      .finally(() => this.asking.delete(keyHash));
    this.asking.set(keyHash, question);
    return question;
  }

  private request(
    kind: Credential['kind'],
    hash: string,
    again: boolean | undefined,
    timeoutMs: number | undefined,
  ): Promise<{ principal: Principal; expiresAt: string | null }> {
    const options = { timeoutMs };
    const once = again ? { again } : {};
    switch (kind) {
      case 'key':
        return this.bus.request(verifyKey, { keyHash: hash, ...once }, options);
      case 'session':
        return this.bus.request(verifySession, { tokenHash: hash, ...once }, options);
      case 'token':
        return this.bus.request(verifyToken, { tokenHash: hash, ...once }, options);
      case 'scim':
        return this.bus
          .request(verifyScimToken, { tokenHash: hash }, options)
          .then(({ principal }) => ({ principal, expiresAt: null }));
    }
  }
}

/** Whether auth refused a key, and not only a request about it. */
export function isKeyRefused(error: unknown): error is CausewayError {
  return (
    isCausewayError(error) &&
    /^(KEY_INVALID|KEY_UNUSABLE|SESSION_ENDED|TOKEN_INVALID|SCIM_TOKEN_INVALID)$/.test(error.code)
  );
}

function ended(kind: Credential['kind']): CausewayError {
  switch (kind) {
    case 'key':
      return causewayError('KEY_INVALID', {});
    case 'session':
      return causewayError('SESSION_ENDED', { page: '/sign-in' });
    case 'token':
      return causewayError('TOKEN_INVALID', {});
    case 'scim':
      return causewayError('SCIM_TOKEN_INVALID', {});
  }
}

/** @throws CausewayError KEY_MISSING, KEY_INVALID, SESSION_ENDED, TOKEN_INVALID, SCIM_TOKEN_INVALID */
function hashOf(key: Credential | undefined): { kind: Credential['kind']; keyHash: string } {
  if (key === undefined) throw causewayError('KEY_MISSING', {});
  const { kind, secret } = key;
  // What is remembered of one kind must not be found by the other.
  if (secret.length > MAX_KEY_LENGTH || kindOf(secret) !== kind) throw ended(kind);
  return { kind, keyHash: apiKeyHash(secret) };
}

/** What a secret can be, by how it begins. */
function kindOf(secret: string): Credential['kind'] {
  if (secret.startsWith(SESSION_PREFIX)) return 'session';
  if (secret.startsWith(SCIM_TOKEN_PREFIX)) return 'scim';
  return secret.startsWith(TOKEN_PREFIX) ? 'token' : 'key';
}
