import { causewayError, cutPage } from '@causeway/contracts';
import type { Invitation, Level } from '@causeway/contracts';
import { Database, type Due, type Queryable, measureRows, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Invitation as InvitationRow } from '../generated/client.js';
import { areMakersEnabled } from '../makers.sql.js';
import { isTokenStanding } from '../oauth/token.sql.js';
import { type Page, after, inOrder, keyOf } from '../pages.js';
import type { StoredPlace } from '../stored-place.js';
import { Tables, type Writes } from '../tables.js';

/** Invitations of an organisation that are still valid. */
const MOST_INVITATIONS = 1_000;
const VALID_DAYS = 7;
const DAY_MS = 86_400_000;
const EXPIRED = `expires_at < clock_timestamp() - interval '1 day'`;

const STANDING = `
select ($1::uuid is null or exists (select from api_key where id = $1::uuid and revoked_at is null))
  and ${areMakersEnabled('$1::uuid', 'null::uuid')} and ${isTokenStanding('$2::uuid')} as found`;

/** An invitation to make. */
export interface NewInvitation extends Partial<StoredPlace> {
  readonly organisationId: string;
  readonly tokenHash: string;
  readonly name: string;
  readonly email?: string | undefined;
  readonly role?: string | undefined;
  /** Who makes it. */
  readonly makerKind: string;
  readonly makerId: string;
  /** With which key, and with which access token; null for none. */
  readonly madeById: string | null;
  readonly madeByTokenId: string | null;
  /** When that key or token ends by itself. */
  readonly endsAt: Date | undefined;
}

/** An invitation with what it gives. */
export type StoredInvitation = InvitationRow & {
  readonly organisation: { readonly name: string; readonly ssoEnforcedAt: Date | null };
};

/** Invitations. */
@Injectable()
export class InvitationStore {
  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
  ) {}

  /** @throws CausewayError LIMIT_REACHED */
  async insert(writes: Writes, { organisationId, endsAt, ...wanted }: NewInvitation): Promise<Invitation> {
    const count = await writes.invitation.count({ where: { organisationId, ...isValid() } });
    if (count >= MOST_INVITATIONS)
      throw causewayError('LIMIT_REACHED', { limit: MOST_INVITATIONS, what: 'invitations' });
    const now = new Date();
    const mostMs = now.getTime() + VALID_DAYS * DAY_MS;
    const expiresAt = new Date(Math.min(mostMs, endsAt?.getTime() ?? mostMs));
    const data = { id: newId(), organisationId, ...wanted, createdAt: now, expiresAt };
    return invitationOf(await writes.invitation.create({ data }));
  }

  async list(organisationId: string, page: Page): Promise<{ items: Invitation[]; next?: string }> {
    const rows = await this.tables.reads.invitation.findMany({
      where: { organisationId, ...isValid(), ...after(page) },
      ...inOrder(page),
    });
    return cutPage(rows, page.limit, invitationOf, keyOf);
  }

  /** A valid invitation by the hash of its link. */
  async find(tokenHash: string, reads: Writes = this.tables.reads): Promise<StoredInvitation | undefined> {
    const row = await reads.invitation.findFirst({
      where: { tokenHash, ...isValid() },
      include: { organisation: true },
    });
    return row ?? undefined;
  }

  /** Whether what an invitation was made with has not ended, and nobody is disabled who made that. */
  async isStanding(writes: Writes, { madeById, madeByTokenId }: StoredInvitation): Promise<boolean> {
    const [row] = await writes.$queryRawUnsafe<{ found: boolean }[]>(STANDING, madeById, madeByTokenId);
    return row?.found === true;
  }

  /** Takes an invitation away, because it is used or taken back. @returns it, if it was there */
  async take(writes: Writes, organisationId: string, id: string): Promise<Invitation | undefined> {
    const row = await writes.invitation.findFirst({ where: { organisationId, id, ...isValid() } });
    if (!row) return undefined;
    await writes.invitation.delete({ where: { id } });
    return invitationOf(row);
  }

  /** Deletes invitations that have expired. @returns how many */
  async deleteExpired(transaction: Queryable, atMost: number): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM invitation WHERE id IN (SELECT id FROM invitation WHERE ${EXPIRED} LIMIT $1)`,
      [atMost],
      { name: 'delete-expired-invitations' },
    );
    return rowCount ?? 0;
  }

  measure(): Promise<Due> {
    return measureRows(this.database, {
      table: 'invitation',
      due: `SELECT FROM invitation WHERE ${EXPIRED}`,
      values: [],
      oldest: `SELECT min(expires_at) AS oldest FROM invitation WHERE ${EXPIRED}`,
    });
  }
}

function isValid() {
  return { expiresAt: { gt: new Date() } };
}

function invitationOf({ id, name, email, role, level, createdAt, expiresAt }: InvitationRow): Invitation {
  return {
    id,
    name,
    email,
    role,
    level: level as Level | null,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}
