import { causewayError, cutPage } from '@causeway/contracts';
import type { User } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { User as UserRow } from '../generated/client.js';
import { type Page, after, inOrder, keyOf } from '../pages.js';
import { Tables, type Writes } from '../tables.js';
import { BarredStore } from './barred.store.js';

/** People that an organisation may have. */
const MOST_USERS = 100_000;
const MOST_NAME = 200;
const MOST_EMAIL = 320;

/** What an identity provider says of a person; an address that it has not verified is none. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
  /** What the connection's claim for SCIM says, if it says anything. */
  readonly scimId: string | null;
}

/** People, and what identity providers call them. */
@Injectable()
export class UserStore {
  constructor(
    private readonly tables: Tables,
    private readonly barred: BarredStore,
  ) {}

  /** People of an organisation, oldest first. @param search  a part of the name, the e-mail address or the user name */
  async list(
    organisationId: string,
    search: string | undefined,
    page: Page,
  ): Promise<{ items: User[]; next?: string }> {
    const contains = { contains: escaped(search ?? ''), mode: 'insensitive' as const };
    const rows = await this.tables.reads.user.findMany({
      where: {
        organisationId,
        deletedAt: null,
        AND: [
          after(page),
          ...(search === undefined
            ? []
            : [{ OR: [{ name: contains }, { email: contains }, { password: { login: contains } }] }]),
        ],
      },
      include: { password: { select: { login: true, isBreakGlass: true } } },
      ...inOrder(page),
    });
    const shown = ({ password, ...row }: (typeof rows)[number]): User => ({
      ...userOf(row),
      login: password?.login ?? null,
      isBreakGlass: password?.isBreakGlass ?? false,
    });
    return cutPage(rows, page.limit, shown, keyOf);
  }

  async find(
    organisationId: string,
    id: string,
    reads: Writes = this.tables.reads,
  ): Promise<User | undefined> {
    const row = await reads.user.findFirst({ where: { organisationId, id, deletedAt: null } });
    return row ? userOf(row) : undefined;
  }

  /** Whoever an administrator disables is not enabled again by an identity provider. @returns whether one had disabled them */
  async takeFromScim(writes: Writes, userId: string): Promise<boolean> {
    const where = { userId, disabledAt: { not: null } };
    return (await writes.scimUser.updateMany({ where, data: { disabledAt: null } })).count > 0;
  }

  /** Another address than that of the last sign-in is not verified. */
  async update(
    writes: Writes,
    id: string,
    change: { name?: string; email?: string | null; disabledAt?: Date | null },
  ): Promise<User> {
    const { email } = change;
    const isSame = email === undefined || (await writes.user.count({ where: { id, email } })) > 0;
    const data = { ...change, ...(!isSame && { emailVerified: false }) };
    return userOf(await writes.user.update({ where: { id }, data }));
  }

  /**
   * The person with an identity; one who is new is made, in the organisation's oldest team. Only the issuer and the subject say who it is:
   * whoever has the same name or e-mail address is somebody else.
   *
   * @param sentUserId  the person of a new identity, if SCIM has sent them
   * @throws CausewayError PERSON_BARRED, LIMIT_REACHED
   */
  async signIn(
    writes: Writes,
    organisationId: string,
    connectionId: string,
    identity: Identity,
    sentUserId?: string,
  ): Promise<{ user: User; teamId: string; isNew: boolean }> {
    const { issuer, subject, scimId } = identity;
    const shown = {
      name: cut(identity.name, MOST_NAME) || 'somebody without a name',
      email: identity.email === null ? null : cut(identity.email, MOST_EMAIL),
      emailVerified: identity.email !== null,
      lastSignInAt: new Date(),
    };
    const known = await writes.identity.findUnique({
      where: { organisationId_issuer_subject: { organisationId, issuer, subject } },
    });
    if (known) {
      await writes.identity.update({ where: { id: known.id }, data: { connectionId, scimId } });
      const row = await writes.user.update({ where: { id: known.userId }, data: shown });
      return { user: userOf(row), teamId: row.teamId, isNew: false };
    }
    await this.barred.checkArriving(writes, organisationId, connectionId, identity);
    const row =
      sentUserId === undefined
        ? (await this.insertRow(writes, organisationId, shown)).user
        : await writes.user.update({ where: { id: sentUserId }, data: shown });
    await writes.identity.create({
      data: {
        id: newId(),
        organisationId,
        issuer,
        subject,
        userId: row.id,
        connectionId,
        scimId,
        createdAt: new Date(),
      },
    });
    return { user: userOf(row), teamId: row.teamId, isNew: sentUserId === undefined };
  }

  /** Makes a person in the organisation's oldest team. @param shown  `lastSignInAt` is now unless given @throws CausewayError LIMIT_REACHED */
  async insert(
    writes: Writes,
    organisationId: string,
    {
      name,
      email,
      lastSignInAt = new Date(),
    }: { readonly name: string; readonly email: string | null; readonly lastSignInAt?: Date | null },
  ): Promise<{ user: User; teamId: string }> {
    const { user, teamId } = await this.insertRow(writes, organisationId, { name, email, lastSignInAt });
    return { user: userOf(user), teamId };
  }

  private async insertRow(
    writes: Writes,
    organisationId: string,
    shown: Pick<UserRow, 'name' | 'email' | 'lastSignInAt'> & { readonly emailVerified?: boolean },
  ): Promise<{ user: UserRow; teamId: string }> {
    if ((await writes.user.count({ where: { organisationId, deletedAt: null } })) >= MOST_USERS)
      throw causewayError('LIMIT_REACHED', { limit: MOST_USERS, what: 'people' });
    const { id: teamId } = await writes.team.findFirstOrThrow({
      where: { organisationId, deletedAt: null },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    const data = { id: newId(), organisationId, teamId, ...shown, createdAt: new Date() };
    return { user: await writes.user.create({ data }), teamId };
  }
}

/** A person without what only auth needs. */
export function userOf({ id, name, email, createdAt, lastSignInAt, disabledAt }: UserRow): User {
  return {
    id,
    name,
    email,
    createdAt: createdAt.toISOString(),
    lastSignInAt: lastSignInAt?.toISOString() ?? null,
    disabledAt: disabledAt?.toISOString() ?? null,
  };
}

/** A text of somebody else as a column holds it. */
function cut(text: string, most: number): string {
  return text.replaceAll('\u0000', '\uFFFD').trim().slice(0, most).toWellFormed();
}

/** A text in which `LIKE` finds nothing special. */
function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
