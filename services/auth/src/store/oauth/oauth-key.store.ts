import { causewayError } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { Tables, type Writes } from '../tables.js';

/** Keys that are published at the same time. */
const MOST_KEYS = 10;

/** A key with which ID tokens are signed, sealed. */
export interface StoredKey {
  readonly id: string;
  readonly sealed: string;
}

/** Keys with which ID tokens are signed. */
@Injectable()
export class OAuthKeyStore {
  constructor(private readonly tables: Tables) {}

  /** The key that signs, then those that are still published, the newest first. */
  async list(reads: Writes = this.tables.reads): Promise<StoredKey[]> {
    return reads.oauthKey.findMany({
      where: { OR: [{ retiredAt: null }, { retiredAt: { gt: new Date() } }] },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      select: { id: true, sealed: true },
    });
  }

  /** Makes the first key, unless there is one: of several processes, one makes it. */
  async ensure(key: StoredKey): Promise<void> {
    await this.change(async (writes) => {
      if ((await writes.oauthKey.count({ where: { retiredAt: null } })) === 0)
        await writes.oauthKey.create({ data: { ...key, createdAt: new Date() } });
    });
  }

  /** Signs with another key from now on; the former ones are published until then, and those before are removed. @returns whether there was one @throws CausewayError LIMIT_REACHED */
  renew(writes: Writes, key: StoredKey, formerUntil: Date): Promise<boolean> {
    return this.locked(writes, async () => {
      await writes.oauthKey.deleteMany({ where: { retiredAt: { lt: new Date() } } });
      if ((await writes.oauthKey.count()) >= MOST_KEYS)
        throw causewayError('LIMIT_REACHED', { limit: MOST_KEYS, what: 'signing keys that are published' });
      const { count } = await writes.oauthKey.updateMany({
        where: { retiredAt: null },
        data: { retiredAt: formerUntil },
      });
      await writes.oauthKey.create({ data: { ...key, createdAt: new Date() } });
      return count > 0;
    });
  }

  private change(fn: (writes: Writes) => Promise<void>): Promise<void> {
    return this.tables.reads.$transaction((writes) => this.locked(writes, () => fn(writes)));
  }

  private async locked<T>(writes: Writes, fn: () => Promise<T>): Promise<T> {
    await writes.$executeRaw`select pg_advisory_xact_lock(hashtextextended('auth: signing keys', 0))`;
    return fn();
  }
}
