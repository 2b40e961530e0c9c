import { DEFAULT_ORGANISATION_ID } from '@causeway/contracts';
import { type Queryable, SealedKind, type SealedPlace } from '@causeway/platform';

/** A sealed value of auth's own tables. */
export interface OwnSealed {
  /** The primary key of its row. */
  readonly key: string;
  readonly sealed: string;
  readonly place: SealedPlace;
  /** The current data key of its organisation. */
  readonly dataKeyId: string;
}

/** A column that holds sealed values; they name their data key, so it needs no column of its own: these tables are small. */
export interface SealedColumn {
  readonly table: string;
  readonly kind: SealedKind;
  /** The rows that have a value: primary key, organisation, what the place is named by, and the value. */
  readonly rows: string;
  readonly put: string;
}

/** Client secrets of connections, secrets of authenticators, and the keys that sign ID tokens. */
export const ownSealedColumns: readonly SealedColumn[] = [
  {
    table: 'connection',
    kind: SealedKind.connection,
    rows: `select id::text as key, organisation_id, name as named, client_secret as sealed from connection`,
    put: 'update connection set client_secret = $2 where id = $1 and client_secret = $3',
  },
  {
    table: 'password',
    kind: SealedKind.authenticator,
    rows: `select p.user_id::text as key, u.organisation_id, p.user_id::text as named, p.totp_secret as sealed
           from password p join "user" u on u.id = p.user_id`,
    put: 'update password set totp_secret = $2 where user_id = $1 and totp_secret = $3',
  },
  {
    table: 'oauth_key',
    kind: SealedKind.signingKey,
    rows: `select id as key, '${DEFAULT_ORGANISATION_ID}'::uuid as organisation_id, id as named, sealed from oauth_key`,
    put: 'update oauth_key set sealed = $2 where id = $1 and sealed = $3',
  },
];

function staleSql({ rows }: SealedColumn): string {
  return `from (${rows}) as r join data_key k on k.organisation_id = r.organisation_id and k.is_current
    where r.sealed is not null and split_part(r.sealed, '.', 2) <> k.id::text`;
}

/** Some values that another data key than the current one has sealed, without those of these rows. */
export async function findStale(
  database: Queryable,
  column: SealedColumn,
  { atMost, without }: { readonly atMost: number; readonly without: readonly string[] },
): Promise<OwnSealed[]> {
  const { rows } = await database.query<Record<'key' | 'sealed' | 'organisationId' | 'named' | 'id', string>>(
    `select r.key, r.sealed, r.organisation_id::text as "organisationId", r.named, k.id::text as id
     ${staleSql(column)} and r.key <> all($2::text[]) order by r.key limit $1`,
    [atMost, without],
  );
  return rows.map(({ key, sealed, organisationId, named, id: dataKeyId }) => ({
    key,
    sealed,
    place: { organisationId, kind: column.kind, id: named },
    dataKeyId,
  }));
}

/** How many values of an organisation another data key than the current one has sealed. */
export async function countStale(
  database: Queryable,
  column: SealedColumn,
  organisationId: string,
): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int as count ${staleSql(column)} and r.organisation_id = $1`,
    [organisationId],
  );
  return rows[0]?.count ?? 0;
}

/** Replaces a value, unless it was changed since it was read. */
export async function replaceSealed(
  database: Queryable,
  { put }: SealedColumn,
  { key, sealed }: OwnSealed,
  again: string,
): Promise<boolean> {
  const { rowCount } = await database.query(put, [key, again, sealed]);
  return rowCount === 1;
}
