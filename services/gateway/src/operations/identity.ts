import { createHash } from 'node:crypto';
import { causewayError, keyChanged, verifyKey } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Bus, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { Settings } from '../config.js';
import { ExpiringMap } from '../domain/expiring-map.js';

/** Keys that are remembered at most. */
const CACHE_ENTRIES = 10_000;
/** A remembered key is asked about again after this time; until then a lost revocation message may be believed. */
const RECHECK_MS = 1_000;
const MAX_KEY_LENGTH = 500;

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
export class Identity implements OnModuleInit {
  private readonly known: ExpiringMap<Known>;
  private readonly asking = new Map<string, Promise<Known>>();

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
  }

  /** The principal behind a key. Throws KEY_MISSING, KEY_INVALID; UNAVAILABLE when auth does not answer and the key is not remembered. */
  async verify(key: string | undefined): Promise<Principal> {
    if (key === undefined) throw causewayError('KEY_MISSING', {});
    if (key.length > MAX_KEY_LENGTH) throw causewayError('KEY_INVALID', {});
    const keyHash = createHash('sha256').update(key).digest('hex');
    const known = this.known.get(keyHash, Date.now());
    if (!known) return (await this.ask(keyHash)).principal;
    if (known.expiresAtMs <= Date.now()) throw causewayError('KEY_INVALID', {});
    if (Date.now() - known.checkedAtMs > RECHECK_MS) this.recheck(keyHash);
    return known.principal;
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
