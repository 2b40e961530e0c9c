import { createHash } from 'node:crypto';
import { causewayError, countKeyUses, keyChanged, verifyKey } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Bus, SETTINGS, log } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Settings } from '../config.js';
import { ExpiringMap } from '../domain/expiring-map.js';

/** Keys that are remembered at most. */
const CACHE_ENTRIES = 10_000;
/** A remembered key is asked about again after this time; until then a lost revocation message may be believed. */
const RECHECK_MS = 1_000;
const MAX_KEY_LENGTH = 500;
/** Uses are told to auth so often, so many keys at once. */
const USES_MS = 5_000;
const USES_AT_ONCE = 500;

interface Known {
  readonly principal: Principal;
  readonly expiresAtMs: number;
  readonly checkedAtMs: number;
}

/**
 * Who holds a key. A verified key is remembered and checked again behind the answer each second, so that a revoked one
 * ends within a second; while auth does not answer it is believed for at most `keyCacheMs`, then refused.
 */
@Injectable()
export class Identity implements OnModuleInit, OnApplicationShutdown {
  private readonly known: ExpiringMap<Known>;
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
    if (key === undefined) throw causewayError('KEY_MISSING', {});
    if (key.length > MAX_KEY_LENGTH) throw causewayError('KEY_INVALID', {});
    const keyHash = createHash('sha256').update(key).digest('hex');
    const known = this.known.get(keyHash, Date.now());
    if (!known) return (await this.ask(keyHash)).principal;
    if (known.expiresAtMs <= Date.now()) throw causewayError('KEY_INVALID', {});
    // A question to auth counts as a use there; what is answered from memory is counted here.
    if (Date.now() - known.checkedAtMs > RECHECK_MS) this.recheck(keyHash);
    else this.countUse(known.principal.keyId);
    return known.principal;
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

  private recheck(keyHash: string): void {
    this.ask(keyHash).catch((error: unknown) => {
      if (isCausewayError(error) && error.code === 'KEY_INVALID') this.known.delete(keyHash);
    });
  }

  /** One question per key at a time, however many requests wait for it. */
  private ask(keyHash: string): Promise<Known> {
    const asked = this.asking.get(keyHash);
    if (asked) return asked;
    const question = this.bus
      .request(verifyKey, { keyHash })
      .then(({ principal, expiresAt }) => {
        const known = {
          principal,
          expiresAtMs: expiresAt === null ? Infinity : Date.parse(expiresAt),
          checkedAtMs: Date.now(),
        };
        this.known.set(keyHash, known, Date.now());
        return known;
      })
      .finally(() => this.asking.delete(keyHash));
    this.asking.set(keyHash, question);
    return question;
  }
}
