import { hash } from 'node:crypto';
import { checkPermitted } from '@causeway/authz';
import { causewayError, countKeyUses, isUnreachable, keyChanged, verifyKey } from '@causeway/contracts';
import type { Permission, Principal } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import type { CausewayError } from '@causeway/dag';
import { Bus, SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Settings } from '../config.js';
import { ExpiringMap } from '../domain/expiring-map.js';

/** Keys that are remembered at most. */
const CACHE_ENTRIES = 10_000;
/** What auth said of a key is believed for this time, since the message of a revocation may be lost. */
const BELIEVED_MS = 1_000;
/** A key in use is asked about ahead of that, behind an answer: so none of its requests waits. */
const AHEAD_MS = 700;
/** While auth hangs, those who could be answered from memory wait no longer than this, and then a second not at all. */
const AGAIN_TIMEOUT_MS = 1_000;
const MAX_KEY_LENGTH = 500;
/** A key that was right is taken for no guess for so long. */
const RIGHT_MS = 3_600_000;
/** Uses are told to auth so often, so many keys at once. */
const USES_MS = 5_000;
const USES_AT_ONCE = 500;

interface Known {
  readonly principal: Principal;
  readonly expiresAtMs: number;
  /** When auth said so, or last failed to say anything. */
  askedAtMs: number;
}

/**
 * Who holds a key. What auth says is believed for a second, whether the key is in use meanwhile or not, so that a revoked
 * one ends within a second; while auth does not answer a remembered key is believed for at most `keyCacheMs`, then refused.
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
    this.timer = setInterval(() => this.tellUses(), USES_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.tellUses();
  }

  /** The principal behind a key. Throws KEY_MISSING, KEY_INVALID; UNAVAILABLE when auth does not answer and the key is not remembered. */
  async verify(key: string | undefined): Promise<Principal> {
    const keyHash = hashOf(key);
    const known = this.known.get(keyHash, Date.now());
    // A question to auth counts as a use there, for who asks it; what else is answered is counted here.
    const isCounted = !this.asking.has(keyHash) && (!known || Date.now() - known.askedAtMs > AHEAD_MS);
    const { principal } = await this.findOut(keyHash, known);
    if (!isCounted) this.countUse(principal.keyId);
    return principal;
  }

  /**
   * Why the holder of a key may not have the rest of an answer that goes on; undefined while they may, and while auth is
   * unreachable: that costs nobody what is under way. Such a look does not count as a use of the key.
   */
  async findRefusal(
    key: string | undefined,
    needed: readonly Permission[],
  ): Promise<CausewayError | undefined> {
    try {
      const keyHash = hashOf(key);
      const { principal } = await this.findOut(keyHash, this.known.get(keyHash, Date.now()), true);
      checkPermitted({ principal }, needed);
      return undefined;
    } catch (error) {
      if (!isCausewayError(error)) throw error;
      return isUnreachable(error) ? undefined : error;
    }
  }

  /** From memory as long as it is fresh; from auth otherwise; from memory again when auth does not answer. */
  private async findOut(keyHash: string, known: Known | undefined, again?: boolean): Promise<Known> {
    if (!known) return this.ask(keyHash, { again });
    const nowMs = Date.now();
    if (known.expiresAtMs <= nowMs) throw causewayError('KEY_INVALID', {});
    const ageMs = nowMs - known.askedAtMs;
    if (ageMs <= AHEAD_MS) return known;
    const asked = this.ask(keyHash, { again, timeoutMs: AGAIN_TIMEOUT_MS }).catch((error: unknown) => {
      if (!isUnreachable(error)) throw error;
      known.askedAtMs = Date.now();
      return known;
    });
    if (ageMs > BELIEVED_MS) return asked;
    asked.catch((error: unknown) => log.debug({ error }, 'key not verified again'));
    return known;
  }

  /** Whether `verify` answers for this key without a question of its own: from memory, or with others that wait. */
  remembers(key: string): boolean {
    const keyHash = hashOf(key);
    return this.asking.has(keyHash) || this.known.get(keyHash, Date.now()) !== undefined;
  }

  /** Whether auth has known this key within the hour. */
  wasRight(key: string): boolean {
    return this.right.get(hashOf(key), Date.now()) === true;
  }

  private countUse(keyId: string | undefined): void {
    if (keyId === undefined) return;
    this.uses.set(keyId, { count: (this.uses.get(keyId)?.count ?? 0) + 1, lastUsedAtMs: Date.now() });
  }

  private tellUses(): void {
    const all = [...this.uses].map(([keyId, { count, lastUsedAtMs }]) => ({
      keyId,
      count,
      lastUsedAt: new Date(lastUsedAtMs).toISOString(),
    }));
    this.uses = new Map();
    for (let start = 0; start < all.length; start += USES_AT_ONCE)
      this.bus
        .request(countKeyUses, { uses: all.slice(start, start + USES_AT_ONCE) })
        .catch((error: unknown) => log.failure(error, 'uses of keys not counted'));
  }

  /** One question per key at a time, however many requests wait for it. */
  private ask(
    keyHash: string,
    { again, timeoutMs }: { again?: boolean | undefined; timeoutMs?: number },
  ): Promise<Known> {
    const asked = this.asking.get(keyHash);
    if (asked) return asked;
    const question = this.bus
      .request(verifyKey, { keyHash, ...(again && { again }) }, { timeoutMs })
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
        if (isCausewayError(error) && error.code === 'KEY_INVALID') {
          this.known.delete(keyHash);
          this.right.delete(keyHash);
        }
        throw error;
      })
      .finally(() => this.asking.delete(keyHash));
    this.asking.set(keyHash, question);
    return question;
  }
}

/** @throws CausewayError KEY_MISSING, KEY_INVALID */
function hashOf(key: string | undefined): string {
  if (key === undefined) throw causewayError('KEY_MISSING', {});
  if (key.length > MAX_KEY_LENGTH) throw causewayError('KEY_INVALID', {});
  return hash('sha256', key, 'hex');
}
