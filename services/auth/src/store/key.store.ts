import {
  Permission,
  appendAuditEvents,
  causewayError,
  cutPage,
  parsePageKey,
  permissions,
  writePageKey,
} from '@causeway/contracts';
import type { ApiKey, AuditEvent, InputOf, Principal, Tenant, listKeys } from '@causeway/contracts';
import { Database, Turns, outboxRow } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { EventKey } from '../domain/key-event.js';
import { PrismaClient } from './generated/client.js';
import type { ApiKey as KeyRow, Prisma } from './generated/client.js';
import { ADD_USES, FIND_VALID, IS_MADE_WITH, LEAVES_NO_FULL, LOCK_TREE } from './key.sql.js';

/** A key to insert. */
export type NewKey = Pick<
  KeyRow,
  'id' | 'organisationId' | 'teamId' | 'name' | 'keyHash' | 'masked' | 'createdAt' | 'expiresAt' | 'madeById'
> & {
  readonly userId?: string;
  readonly serviceAccountId?: string;
  readonly permissions: Permission[];
};

/** The principal of a valid key, and when the key expires. */
export interface ValidKey {
  readonly principal: Principal & { readonly keyId: string };
  readonly expiresAt: string | null;
}

/** Uses of a key that are not written yet. */
export interface CountedUses {
  readonly keyId: string;
  readonly count: number;
  readonly lastUsedAt: Date;
}

/** Who may revoke a key, and the audit event that records it. */
export interface RevokeRule {
  readonly makerId: string | undefined;
  readonly check: (key: { id: string; permissions: Permission[]; isOwn: boolean }) => void;
  readonly event: (key: EventKey) => AuditEvent;
}

interface ValidRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly team_id: string;
  readonly permissions: string[];
  readonly expires_at: Date | null;
  readonly kind: 'user' | 'service_account';
  readonly holder_id: string;
  readonly holder_name: string;
}

/** Reads and writes keys. */
@Injectable()
export class KeyStore {
  private readonly prisma: PrismaClient;
  private readonly turns = new Turns();

  constructor(private readonly database: Database) {
    this.prisma = new PrismaClient({ adapter: database.prismaAdapter() });
  }

  /** The holder of the key with this hash; undefined unless both the key and the holder are valid now. */
  async findValid(keyHash: string): Promise<ValidKey | undefined> {
    const { rows } = await this.database.query<ValidRow>(FIND_VALID, [keyHash], { name: 'key-find-valid' });
    const row = rows[0];
    if (!row) return undefined;
    const principal = {
      kind: row.kind,
      id: row.holder_id,
      name: row.holder_name,
      organisationId: row.organisation_id,
      teamId: row.team_id,
      keyId: row.id,
      permissions: known(row.permissions),
    };
    return { principal, expiresAt: row.expires_at?.toISOString() ?? null };
  }

  /** Adds counted uses to their keys. Unknown ids are ignored. */
  async addUses(uses: readonly CountedUses[]): Promise<void> {
    const columns = [
      uses.map((use) => use.keyId),
      uses.map((use) => use.count),
      uses.map((use) => use.lastUsedAt),
    ];
    await this.database.query(ADD_USES, columns, { name: 'key-add-uses' });
  }

  /**
   * Inserts the key that `make` returns. `make` gets the key that the maker uses.
   *
   * @throws CausewayError KEY_INVALID when the maker's key is revoked or expired; also any error that `make` throws
   */
  insert(
    tenant: Tenant,
    makerId: string | undefined,
    make: (maker: Pick<KeyRow, 'expiresAt'> | undefined) => { key: NewKey; event: AuditEvent },
  ): Promise<ApiKey> {
    return this.inTurn(tenant, async (transaction) => {
      const maker = makerId === undefined ? undefined : await findMaker(transaction, tenant, makerId);
      const { key, event } = make(maker);
      await transaction.outbox.create({ data: outboxOf(event) });
      return apiKey(await transaction.apiKey.create({ data: key }));
    });
  }

  /** A page of the keys of a user or a service account, oldest first. */
  async list(input: InputOf<typeof listKeys>): Promise<{ items: ApiKey[]; next?: string }> {
    const { organisationId, teamId, userId: holderId, page } = input;
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(holderId)) return { items: [] };
    const key = page.after === undefined ? undefined : parsePageKey(page.after);
    const rows = await this.prisma.apiKey.findMany({
      where: {
        organisationId,
        teamId,
        revokedAt: null,
        AND: [
          { OR: [{ userId: holderId }, { serviceAccountId: holderId }] },
          ...(key
            ? [{ OR: [{ createdAt: { gt: key.at } }, { createdAt: key.at, id: { gt: key.id } }] }]
            : []),
        ],
      },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      take: page.limit + 1,
    });
    return cutPage(rows, page.limit, apiKey, ({ createdAt, id }) =>
      writePageKey({ at: createdAt.toISOString(), id }),
    );
  }

  /**
   * Revokes a key of a team and every key that was made with it, directly or indirectly.
   *
   * @param rule  `makerId`: the key that the caller uses; `check` throws when the caller may not revoke the key
   * @returns the ids of the revoked keys
   * @throws CausewayError KEY_UNKNOWN when the key does not exist or is revoked, KEY_LAST; also any error that `check` throws
   */
  revoke(tenant: Tenant, id: string, at: Date, rule: RevokeRule): Promise<string[]> {
    return this.inTurn(tenant, async (transaction) => {
      const { organisationId, teamId } = tenant;
      const ask = async (query: string, ...values: unknown[]): Promise<boolean> =>
        (await transaction.$queryRawUnsafe<{ found: boolean }[]>(query, ...values))[0]?.found === true;
      const tree = await transaction.$queryRawUnsafe<{ id: string; permissions: string[] }[]>(
        LOCK_TREE,
        id,
        organisationId,
        teamId,
      );
      const root = tree.find((one) => one.id === id);
      if (!root) throw causewayError('KEY_UNKNOWN', { keyId: id });
      const isOwn = rule.makerId !== undefined && (await ask(IS_MADE_WITH, id, rule.makerId));
      rule.check({ id, permissions: known(root.permissions), isOwn });
      const ids = tree.map((one) => one.id);
      if (await ask(LEAVES_NO_FULL, organisationId, teamId, [...permissions], ids))
        throw causewayError('KEY_LAST', { keyId: id });
      const rows = await transaction.apiKey.updateManyAndReturn({
        where: { id: { in: ids } },
        data: { revokedAt: at },
      });
      await transaction.outbox.createMany({ data: rows.map((row) => outboxOf(rule.event(row))) });
      return rows.map((row) => row.id);
    });
  }

  /**
   * Makes the bootstrap key if no key has its hash, gives it every permission, and revokes bootstrap keys with other values.
   * If the key with this hash was revoked, nothing changes.
   */
  ensureBootstrap(
    key: NewKey,
    events: { created: AuditEvent; revoked: (key: EventKey) => AuditEvent },
  ): Promise<{ state: 'made' | 'kept' | 'revoked'; revoked: string[] }> {
    return this.prisma.$transaction(async (transaction) => {
      // Several processes of this service may start at once.
      await transaction.$executeRaw`select pg_advisory_xact_lock(hashtextextended('auth bootstrap key', 0))`;
      const same = await transaction.apiKey.findUnique({ where: { keyHash: key.keyHash } });
      if (same && same.revokedAt !== null) return { state: 'revoked', revoked: [] };
      const former = await transaction.apiKey.updateManyAndReturn({
        where: { isBootstrap: true, revokedAt: null, keyHash: { not: key.keyHash } },
        data: { revokedAt: key.createdAt },
      });
      const told = former.map((row) => outboxOf(events.revoked(row)));
      if (!same) {
        await transaction.apiKey.create({ data: { ...key, isBootstrap: true } });
        told.push(outboxOf(events.created));
      } else if (same.isBootstrap) {
        await transaction.apiKey.update({ where: { id: same.id }, data: { permissions: key.permissions } });
      }
      await transaction.outbox.createMany({ data: told });
      return { state: same ? 'kept' : 'made', revoked: former.map(({ id }) => id) };
    });
  }

  /** Makes and revokes the keys of a team one after another, so that no key is made with a key that is being revoked. */
  private inTurn<T>(
    { teamId }: Tenant,
    fn: (transaction: Prisma.TransactionClient) => Promise<T>,
  ): Promise<T> {
    return this.turns.take(teamId, () =>
      this.prisma.$transaction(async (transaction) => {
        await transaction.$executeRaw`select pg_advisory_xact_lock(hashtextextended('auth keys of ' || ${teamId}, 0))`;
        return fn(transaction);
      }),
    );
  }
}

async function findMaker(
  transaction: Prisma.TransactionClient,
  { organisationId, teamId }: Tenant,
  id: string,
): Promise<Pick<KeyRow, 'expiresAt'>> {
  const maker = await transaction.apiKey.findFirst({
    where: { id, organisationId, teamId, revokedAt: null },
    select: { expiresAt: true },
  });
  if (!maker || (maker.expiresAt && maker.expiresAt <= new Date())) throw causewayError('KEY_INVALID', {});
  return maker;
}

function outboxOf(event: AuditEvent): Prisma.OutboxCreateManyInput {
  return outboxRow(appendAuditEvents, event, event, event.id);
}

function known(permissions: readonly string[]): Permission[] {
  return permissions.filter(
    (permission): permission is Permission => Permission.safeParse(permission).success,
  );
}

function apiKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    masked: row.masked,
    userId: row.userId ?? row.serviceAccountId ?? '',
    permissions: known(row.permissions),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    totalUses: Number(row.totalUses),
    isActive: row.expiresAt === null || row.expiresAt > new Date(),
  };
}
