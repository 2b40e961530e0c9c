import { LRUCache } from 'lru-cache';
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Most records (sessions, codes, tokens, grants) that are kept; above it the least recently used ones are dropped. */
export const MAX_RECORDS = 10_000;

/**
 * What the library remembers, in memory, until it expires. A record is found by its id; the rarer searches look at all
 * of them.
 */
export class RecordStore {
  private readonly records = new LRUCache<string, AdapterPayload>({
    max: MAX_RECORDS,
    // By the clock that the library compares `exp` with.
    perf: Date,
    ttlResolution: 0,
  });

  /** @param findClient  the relying parties, which are not kept here */
  constructor(private readonly findClient: (id: string) => AdapterPayload | undefined) {}

  /** The part of the store that keeps one kind of record. */
  adapter(kind: string): Adapter {
    const keyOf = (id: string): string => `${kind}:${id}`;
    return {
      upsert: async (id, payload, expiresInSeconds) => {
        const ttl = expiresInSeconds === undefined ? {} : { ttl: Math.max(1, expiresInSeconds * 1_000) };
        this.records.set(keyOf(id), payload, ttl);
      },
      find: async (id) => (kind === 'Client' ? this.findClient(id) : this.records.get(keyOf(id))),
      findByUid: async (uid) =>
        this.search((key, { uid: of }) => of === uid && key.startsWith(`${kind}:`))[0]?.[1],
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const record = this.records.get(keyOf(id));
        if (record !== undefined) record.consumed = Math.floor(Date.now() / 1_000);
      },
      destroy: async (id) => {
        this.records.delete(keyOf(id));
      },
      // A sign-in under way names its grant too, and is of a kind that the library never revokes.
      revokeByGrantId: async (grantId) => {
        for (const [key] of this.search(
          (key, record) => record.grantId === grantId && key.startsWith(`${kind}:`),
        ))
          this.records.delete(key);
      },
    };
  }

  /** Ids of the sessions of a person. */
  sessionsOf(accountId: string): string[] {
    return this.search((key, record) => key.startsWith('Session:') && record.accountId === accountId).map(
      ([key]) => key.slice('Session:'.length),
    );
  }

  /** Deletes the sessions, grants and tokens of a person. */
  forget(accountId: string): void {
    for (const [key] of this.search((_, record) => record.accountId === accountId)) this.records.delete(key);
  }

  private search(fits: (key: string, record: AdapterPayload) => boolean): [string, AdapterPayload][] {
    return [...this.records.entries()].filter(([key, record]) => fits(key, record));
  }
}
