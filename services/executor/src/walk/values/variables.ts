import { setTimeout as pause } from 'node:timers/promises';
import { isUnreachable } from '@causeway/contracts';
import type { RunInput, Tenant } from '@causeway/contracts';
import { SETTINGS, SealedKind, Vault } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { FlowRegistryClient } from '../../clients/flow-registry.client.js';
import type { Settings } from '../../config.js';
import type { FoundVariable } from '../../domain/prepare/node-variables.js';
import { keepLoading } from '../../runner/keep-loading.js';

/** How long a stored value, or its absence, may be used before it is read again. */
const FRESH_MS = 1_000;
const ASK_AGAIN_MS = 300;
const MOST_ASKS = 50;
const MOST_CACHED = 10_000;
/** Most characters of all cached names and values. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

type Stored = FoundVariable | undefined;

interface Entry {
  readonly stored: Promise<Stored>;
  readonly untilMs: number;
}

/** The values of variables: the request's own first, then the team's, then the platform's fallback. */
@Injectable()
export class Variables {
  private readonly cached = new LRUCache<string, Entry>({ max: MOST_CACHED, maxSize: MOST_CHARACTERS });
  private asking:
    | { readonly tenant: Tenant; readonly names: string[]; readonly reply: Promise<Map<string, Stored>> }
    | undefined;

  constructor(
    private readonly registry: FlowRegistryClient,
    private readonly vault: Vault,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Those of these names that have a value. */
  async find(
    tenant: Tenant,
    request: Pick<RunInput, 'variables'>,
    names: readonly string[],
  ): Promise<Map<string, FoundVariable>> {
    const found = new Map<string, FoundVariable>();
    const open: string[] = [];
    for (const name of names) {
      const given = request.variables?.[name.toUpperCase()];
      if (given === undefined) open.push(name);
      else found.set(name, { value: given, isCredential: false, isOfRequest: true });
    }
    for (const [name, stored] of await this.stored(tenant, open)) {
      const fallback = this.settings.variablesFromEnvironment[name];
      // An environment variable has no declared type. Most of those that flows may use are keys, so it counts as a credential.
      const value = stored ?? (fallback === undefined ? undefined : { value: fallback, isCredential: true });
      if (value) found.set(name, value);
    }
    return found;
  }

  private async stored(tenant: Tenant, names: readonly string[]): Promise<[string, Stored][]> {
    const now = performance.now();
    return Promise.all(
      names.map(async (name): Promise<[string, Stored]> => {
        const key = JSON.stringify([tenant.organisationId, tenant.teamId, name]);
        let entry = this.cached.get(key);
        if (!entry || entry.untilMs < now) {
          entry = { stored: this.renew(tenant, name, entry?.stored), untilMs: now + FRESH_MS };
          const size = entry.stored.then((stored) => key.length + (stored?.value.length ?? 0));
          keepLoading(this.cached, key, entry, key.length, size);
        }
        return [name, await entry.stored];
      }),
    );
  }

  /** While the registry is unreachable, known values stay valid, since nothing changes there; a run that needs other values waits. */
  private async renew(tenant: Tenant, name: string, last: Promise<Stored> | undefined): Promise<Stored> {
    for (let asked = 1; ; asked++) {
      try {
        return await this.ask(tenant, name);
      } catch (error) {
        const mayCome = isUnreachable(error);
        if (mayCome && last) return last;
        if (!mayCome || asked >= MOST_ASKS) throw error;
        await pause(ASK_AGAIN_MS);
      }
    }
  }

  /** Names requested in the same tick are sent in one request. */
  private async ask(tenant: Tenant, name: string): Promise<Stored> {
    if (this.asking?.tenant.teamId !== tenant.teamId) {
      const names: string[] = [];
      const reply = Promise.resolve().then(() => {
        this.asking = undefined;
        return this.fetch(tenant, names);
      });
      this.asking = { tenant, names, reply };
    }
    const { names, reply } = this.asking as NonNullable<typeof this.asking>;
    names.push(name);
    return (await reply).get(name);
  }

  private async fetch(tenant: Tenant, names: readonly string[]): Promise<Map<string, Stored>> {
    const variables = await this.registry.variables(tenant, names);
    const { organisationId } = tenant;
    return new Map(
      await Promise.all(
        variables.map(async ({ id = '', name, type, sealed, allowedHosts }): Promise<[string, Stored]> => {
          const value = await this.vault.open(sealed, { organisationId, kind: SealedKind.variable, id });
          return [
            name,
            { value, isCredential: type === 'Credential', ...(allowedHosts && { allowedHosts }) },
          ];
        }),
      ),
    );
  }
}
