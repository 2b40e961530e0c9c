import { causewayError, cutPage, permissions } from '@causeway/contracts';
import type { ApiKey, AuditEvent, RoleBinding } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { EventKey } from '../domain/key-event.js';
import { known } from '../domain/known-permissions.js';
import type { ApiKey as KeyRow } from './generated/client.js';
import {
  ADD_USES,
  FULL,
  HAS_PAGE_KEY,
  IS_MADE_WITH,
  LEAVES_NO_FULL,
  LISTS_ORIGIN,
  LOCK_TREE,
} from './key.sql.js';
import { type Page, after, inOrder, keyOf } from './pages.js';
import { RoleStore, withName } from './role.store.js';
import { Tables, type Writes, tell } from './tables.js';

/** Valid keys that one user or service account may have. */
const MOST_KEYS = 500;

/** A key to insert. */
export type NewKey = Pick<
  KeyRow,
  'id' | 'organisationId' | 'teamId' | 'name' | 'keyHash' | 'masked' | 'createdAt' | 'expiresAt' | 'madeById'
> & {
  readonly userId?: string | null;
  readonly serviceAccountId?: string | null;
  readonly permissions: string[];
  readonly madeByUserId?: string | null;
  readonly madeByTokenId?: string | null;
  /** The pages that may use it; none: it is no key of a page. */
  readonly origins?: string[];
};

/** A key of the tree that is to be revoked. */
export interface TreeKey {
  readonly id: string;
  readonly teamId: string;
  readonly holderId: string;
}

/** Uses of a key that are not written yet. */
export interface CountedUses {
  readonly keyId: string;
  readonly count: number;
  readonly lastUsedAt: Date;
}

/** Reads and writes keys. */
@Injectable()
export class KeyStore {
  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
    private readonly roles: RoleStore,
  ) {}

  /** Adds counted uses to their keys. Unknown ids are ignored. */
  async addUses(uses: readonly CountedUses[]): Promise<void> {
    const columns = [
      uses.map((use) => use.keyId),
      uses.map((use) => use.count),
      uses.map((use) => use.lastUsedAt),
    ];
    await this.database.query(ADD_USES, columns, { name: 'key-add-uses' });
  }

  /** Whether a valid key is for pages of an origin. */
  async listsOrigin(origin: string): Promise<boolean> {
    const { rows } = await this.database.query<{ found: boolean }>(LISTS_ORIGIN, [origin], {
      name: 'key-lists-origin',
    });
    return rows[0]?.found === true;
  }

  /** Whether a service account has a valid key for pages. */
  async hasPageKey(writes: Writes, accountId: string): Promise<boolean> {
    const [row] = await writes.$queryRawUnsafe<{ found: boolean }[]>(HAS_PAGE_KEY, accountId);
    return row?.found === true;
  }

  /** @throws CausewayError LIMIT_REACHED */
  async insert(writes: Writes, key: NewKey): Promise<ApiKey> {
    const holder =
      key.userId === undefined || key.userId === null
        ? { serviceAccountId: key.serviceAccountId as string }
        : { userId: key.userId };
    const isValid = { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] };
    const count = await writes.apiKey.count({ where: { ...holder, ...isValid } });
    if (count >= MOST_KEYS)
      throw causewayError('LIMIT_REACHED', { limit: MOST_KEYS, what: 'valid keys of this holder' });
    return apiKey(await writes.apiKey.create({ data: key }));
  }

  async get(reads: Writes, id: string): Promise<KeyRow> {
    return reads.apiKey.findUniqueOrThrow({ where: { id } });
  }

  /**
   * Makes the successor of a key, which ends then. If the former one has made it, what else that one made belongs to the successor, so that
   * it does not end with the former one. Another maker must not take it over: whoever made it first may know it, and it must stop with them.
   *
   * @throws CausewayError LIMIT_REACHED
   */
  async insertSuccessor(writes: Writes, key: NewKey, formerId: string, formerUntil: Date): Promise<ApiKey> {
    const made = await this.insert(writes, key);
    const ofFormer = { madeById: formerId };
    const data = { madeById: key.id };
    if (key.madeById === formerId) {
      await writes.apiKey.updateMany({ where: { ...ofFormer, id: { not: key.id }, revokedAt: null }, data });
      await writes.oauthClient.updateMany({ where: ofFormer, data });
    }
    await writes.apiKey.update({ where: { id: formerId }, data: { expiresAt: formerUntil } });
    return made;
  }

  /** A page of the keys that a user or a service account has in a team, without revoked ones, oldest first. */
  async list(
    { organisationId, teamId }: { organisationId: string; teamId: string },
    holderId: string,
    page: Page,
  ): Promise<{ items: ApiKey[]; next?: string }> {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(holderId)) return { items: [] };
    const rows = await this.tables.reads.apiKey.findMany({
      where: {
        organisationId,
        teamId,
        revokedAt: null,
        AND: [{ OR: [{ userId: holderId }, { serviceAccountId: holderId }] }, after(page)],
      },
      ...inOrder(page),
    });
    return cutPage(rows, page.limit, apiKey, keyOf);
  }

  /**
   * Locks a key of an organisation and every key that was made with it, directly or indirectly, without revoked ones.
   *
   * @throws CausewayError KEY_UNKNOWN
   */
  async lockTree(
    writes: Writes,
    organisationId: string,
    id: string,
  ): Promise<{ root: TreeKey; keys: TreeKey[] }> {
    const tree = await writes.$queryRawUnsafe<{ id: string; team_id: string; holder_id: string }[]>(
      LOCK_TREE,
      id,
      organisationId,
    );
    const keys = tree.map((row) => ({ id: row.id, teamId: row.team_id, holderId: row.holder_id }));
    const root = keys.find((one) => one.id === id);
    if (!root) throw causewayError('KEY_UNKNOWN', { keyId: id });
    return { root, keys };
  }

  /** In which team each of these keys is. */
  teamsOf(writes: Writes, ids: readonly string[]): Promise<Pick<KeyRow, 'id' | 'teamId'>[]> {
    return writes.apiKey.findMany({
      where: { id: { in: [...ids] } },
      orderBy: { id: 'asc' },
      select: { id: true, teamId: true },
    });
  }

  /** Whether a key is the other one or was made with it, directly or indirectly. */
  isMadeWith(writes: Writes, id: string, makerId: string): Promise<boolean> {
    return ask(writes, IS_MADE_WITH, id, makerId);
  }

  /** Whether owners of the organisation have a valid key with every permission, and whether one of these never expires. */
  private async fullKeys(
    writes: Writes,
    organisationId: string,
  ): Promise<{ any: boolean; lasting: boolean }> {
    const [row] = await writes.$queryRawUnsafe<{ any: boolean; lasting: boolean }[]>(FULL, organisationId, [
      ...permissions,
    ]);
    return row ?? { any: false, lasting: false };
  }

  /**
   * Makes a change after which the organisation still has an owner, and what it has of owners' keys with every permission: any, and one
   * that never expires.
   *
   * @throws CausewayError OWNER_LAST, KEY_OF_OWNER_LAST
   */
  async keepingOwner<T>(writes: Writes, organisationId: string, change: () => Promise<T>): Promise<T> {
    const before = await this.fullKeys(writes, organisationId);
    const result = await change();
    if ((await this.roles.countOwners(writes, organisationId)) === 0) throw causewayError('OWNER_LAST', {});
    const after = await this.fullKeys(writes, organisationId);
    if ((before.any && !after.any) || (before.lasting && !after.lasting))
      throw causewayError('KEY_OF_OWNER_LAST', {});
    return result;
  }

  /** Revokes keys. @throws CausewayError KEY_LAST naming the first of them */
  async revoke(
    writes: Writes,
    organisationId: string,
    ids: readonly string[],
    at: Date,
  ): Promise<EventKey[]> {
    if (await ask(writes, LEAVES_NO_FULL, organisationId, [...permissions], ids))
      throw causewayError('KEY_LAST', { keyId: ids[0] ?? '' });
    return writes.apiKey.updateManyAndReturn({ where: { id: { in: [...ids] } }, data: { revokedAt: at } });
  }

  /**
   * Makes the bootstrap key if no key has its hash, gives it every permission, and revokes bootstrap keys with other values. With a key
   * that is made, its user is enabled and owns the organisation. If the key with this hash was revoked, nothing changes.
   */
  ensureBootstrap(
    key: NewKey & { readonly userId: string },
    events: {
      created: AuditEvent;
      revoked: (key: EventKey) => AuditEvent;
      owner: (binding: RoleBinding) => AuditEvent;
    },
  ): Promise<{ state: 'made' | 'kept' | 'revoked'; revoked: string[] }> {
    // Several processes of this service may start at once.
    return this.tables.change(key.organisationId, async (writes) => {
      const same = await writes.apiKey.findUnique({ where: { keyHash: key.keyHash } });
      if (same && same.revokedAt !== null) return { state: 'revoked', revoked: [] };
      const former = await writes.apiKey.updateManyAndReturn({
        where: { isBootstrap: true, revokedAt: null, keyHash: { not: key.keyHash } },
        data: { revokedAt: key.createdAt },
      });
      const told = former.map((row) => events.revoked(row));
      if (!same) {
        await writes.apiKey.create({ data: { ...key, isBootstrap: true } });
        // Also one who was deleted: nobody could see or name them otherwise.
        const user = await writes.user.update({
          where: { id: key.userId },
          data: { disabledAt: null, deletedAt: null },
        });
        const { binding, isNew } = await this.roles.bind(
          writes,
          key.organisationId,
          {
            subject: { kind: 'user', id: key.userId },
            role: 'owner',
            level: 'organisation',
            objectId: key.organisationId,
          },
          Infinity,
        );
        told.push(events.created, ...(isNew ? [events.owner(withName(binding, user.name))] : []));
      } else if (same.isBootstrap) {
        await writes.apiKey.update({ where: { id: same.id }, data: { permissions: key.permissions } });
      }
      await tell(writes, ...told);
      return { state: same ? 'kept' : 'made', revoked: former.map(({ id }) => id) };
    });
  }
}

async function ask(writes: Writes, query: string, ...values: unknown[]): Promise<boolean> {
  const [row] = await writes.$queryRawUnsafe<{ found: boolean }[]>(query, ...values);
  return row?.found === true;
}

function apiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    masked: row.masked,
    userId: row.userId ?? row.serviceAccountId ?? '',
    permissions: known(row.permissions),
    ...(row.origins.length > 0 && { origins: row.origins }),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    totalUses: Number(row.totalUses),
    isActive: row.expiresAt === null || row.expiresAt > new Date(),
  };
}
