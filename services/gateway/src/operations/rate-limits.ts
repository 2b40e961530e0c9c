import { causewayError } from '@causeway/contracts';
import type { Principal } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Cache, SETTINGS, counter, environmentName } from '@causeway/platform';
import type { SharedCounters } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Settings } from '../config.js';
import { addressGroup } from '../domain/limits/address-group.js';
import { RateCounts } from '../domain/limits/rate-counts.js';
import { type LimitState, closest, limitField, policyField } from '../domain/limits/rate-fields.js';

/** How often gateways tell each other what they have counted, and of how many callers of each limit at once. */
const TELL_MS = 1_000;
const TOLD_AT_ONCE = 500;

const kinds = {
  address: { setting: 'rateLimitPerAddress', who: 'This address', requests: 'requests' },
  key: { setting: 'rateLimitPerKey', who: 'This key', requests: 'requests' },
  user: { setting: 'rateLimitPerUser', who: 'The holder of this key', requests: 'requests' },
  hook: { setting: 'rateLimitPerHook', who: 'This webhook', requests: 'requests' },
  team: { setting: 'rateLimitPerTeam', who: 'This team', requests: 'requests' },
  refused: {
    setting: 'rateLimitRefusedPerAddress',
    who: 'This address',
    requests: 'requests without a valid key',
  },
} as const;

type Kind = keyof typeof kinds;

type Limits = Pick<Settings, 'rateWindowS' | (typeof kinds)[Kind]['setting']>;

const limited = counter('causeway_gateway_rate_limited_total', 'Requests refused by a rate limit, by limit.');

/** The header fields that tell a caller about its limits. */
export interface RateFields {
  readonly 'ratelimit-policy': string;
  readonly ratelimit: string;
}

interface Limit {
  readonly kind: Kind;
  readonly limit: number;
  readonly counts: RateCounts;
}

/**
 * Limits how many requests a key, its holder, their team and an address send. Each gateway counts by itself and tells the others through Redis once a
 * second, so no request waits for that, and all gateways together let at most so many more pass as arrive in between. Without
 * Redis each gateway limits what it sees.
 */
@Injectable()
export class RateLimits implements OnModuleInit, OnApplicationShutdown {
  private readonly limits: ReadonlyMap<Kind, Limit>;
  private readonly counters: SharedCounters;
  private readonly policies = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private isTelling = false;

  constructor(
    cache: Cache,
    @Inject(SETTINGS) private readonly settings: Limits,
  ) {
    this.counters = cache.counters('rate', settings.rateWindowS);
    const made = (Object.keys(kinds) as Kind[]).map((kind): [Kind, Limit] => [
      kind,
      { kind, limit: settings[kinds[kind].setting], counts: new RateCounts(settings.rateWindowS * 1_000) },
    ]);
    // A limit of 0 is none.
    this.limits = new Map(made.filter(([, { limit }]) => limit > 0));
  }

  onModuleInit(): void {
    this.timer = setInterval(() => void this.tell(), TELL_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Counts a request of an address, before its caller is known. @throws CausewayError RATE_LIMITED */
  takeAddress(address: string, nowMs: number): LimitState | undefined {
    return this.takeAll([['address', addressGroup(address)]], nowMs)[0];
  }

  /** Counts a request that was refused before its caller was known. @throws CausewayError RATE_LIMITED */
  takeRefused(address: string, nowMs: number): void {
    this.takeAll([['refused', addressGroup(address)]], nowMs);
  }

  /**
   * Counts a request of a caller.
   *
   * @param ofAddress  what `takeAddress` returned
   * @returns          the fields for its answer; undefined without any limit
   * @throws           CausewayError RATE_LIMITED
   */
  takeCaller(principal: Principal, ofAddress: LimitState | undefined, nowMs: number): RateFields | undefined {
    const { keyId, kind, id, organisationId, teamId } = principal;
    const wanted: [Kind, string][] = [kind === 'webhook' ? ['hook', id] : ['user', `${kind} ${id}`]];
    // An identity provider acts in no team, so it uses up nobody's share.
    if (kind !== 'scim') wanted.push(['team', `${organisationId} ${teamId}`]);
    const key = kind === 'scim' ? principal.tokenId : keyId;
    if (key !== undefined) wanted.unshift(['key', key]);
    const states = this.takeAll(wanted, nowMs);
    return this.fieldsOf(ofAddress ? [ofAddress, ...states] : states);
  }

  /** The fields for these limits. */
  fieldsOf(states: readonly LimitState[]): RateFields | undefined {
    const state = closest(states);
    if (!state) return undefined;
    return { 'ratelimit-policy': this.policyOf(states), ratelimit: limitField(state) };
  }

  /** The fields for the answer to a refused request; undefined for an error of another kind. */
  fieldsOfRefusal(error: unknown): RateFields | undefined {
    if (!isCausewayError(error) || error.code !== 'RATE_LIMITED') return undefined;
    const { policy, limit, retryAfterS } = error.details as {
      policy: Kind;
      limit: number;
      retryAfterS: number;
    };
    return this.fieldsOf([{ name: policy, limit, left: 0, endsInS: retryAfterS }]);
  }

  /** Counts a request in all of these or, when one of them is used up, in none. */
  private takeAll(wanted: readonly (readonly [Kind, string])[], nowMs: number): LimitState[] {
    const states: LimitState[] = [];
    for (const [kind, caller] of wanted) {
      const found = this.limits.get(kind);
      if (!found) continue;
      const { used, endsAtMs } = found.counts.find(caller, nowMs);
      const endsInS = Math.max(1, Math.ceil((endsAtMs - nowMs) / 1_000));
      if (used >= found.limit) throw this.refusal(kind, found.limit, endsInS);
      states.push({ name: kind, limit: found.limit, left: found.limit - used - 1, endsInS });
    }
    for (const [kind, caller] of wanted) this.limits.get(kind)?.counts.add(caller, nowMs);
    return states;
  }

  private refusal(kind: Kind, limit: number, retryAfterS: number): Error {
    limited.add(1, { limit: kind });
    const { setting, who, requests } = kinds[kind];
    const limitName = environmentName(setting);
    return causewayError('RATE_LIMITED', {
      policy: kind,
      who,
      limit,
      requests,
      windowS: this.settings.rateWindowS,
      limitName,
      retryAfterS,
    });
  }

  /** There are only a few combinations of limits, so each text is made once. */
  private policyOf(states: readonly LimitState[]): string {
    const names = states.map(({ name }) => name).join();
    const known = this.policies.get(names);
    if (known !== undefined) return known;
    const text = policyField(states, this.settings.rateWindowS);
    this.policies.set(names, text);
    return text;
  }

  /** Tells what was counted, of all limits at once: a message to Redis costs a hundred times as much as counting. */
  private async tell(): Promise<void> {
    if (this.isTelling || !this.counters.isReady) return;
    const nowMs = Date.now();
    const untold = [...this.limits.values()].flatMap(({ kind, counts }) =>
      counts
        .takeUntold(TOLD_AT_ONCE, nowMs)
        .map(({ caller, count }) => ({ counts, caller, key: `${kind}:${caller}`, points: count })),
    );
    if (untold.length === 0) return;
    this.isTelling = true;
    try {
      const told = await this.counters.add(untold);
      // What Redis did not confirm is not told again: it may have been counted, and a caller must not be refused for one request counted twice.
      for (const [index, { counts, caller }] of untold.entries()) {
        const shared = told[index];
        if (shared) counts.learn(caller, shared.count, shared.resetsInMs, Date.now());
      }
    } finally {
      this.isTelling = false;
    }
  }
}
