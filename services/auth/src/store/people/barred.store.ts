import { causewayError, cutPage } from '@causeway/contracts';
import type { BarredPerson, Principal } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { sentHash, signInHash } from '../../domain/barred-hash.js';
import { type Page, after, inOrder, keyOf } from '../pages.js';
import { subjectIsScimId } from '../sign-in/connection.store.js';
import { Tables, type Writes } from '../tables.js';

/** Who deleted somebody, and when. */
export interface Deletion {
  readonly by: Pick<Principal, 'kind' | 'id'>;
  readonly at: Date;
}

/** Somebody who arrives for the first time, as their identity provider calls them. */
interface Arriving {
  readonly issuer: string;
  readonly subject: string;
  readonly scimId: string | null;
}

/** People who were deleted and whom identity providers may still know. */
@Injectable()
export class BarredStore {
  constructor(private readonly tables: Tables) {}

  /**
   * Notes what the connections of a person call them, before that is removed. What a connection that is gone called them is not noted:
   * nobody signs in by it.
   *
   * @returns the names of the connections by which they do not come back
   */
  async bar(writes: Writes, organisationId: string, userId: string, { by, at }: Deletion): Promise<string[]> {
    const connections = await writes.connection.findMany({
      where: { organisationId },
      orderBy: { name: 'asc' },
    });
    const hashes = new Map<string, Set<string>>();
    const note = (connectionId: string, hash: string): void => {
      hashes.set(connectionId, (hashes.get(connectionId) ?? new Set()).add(hash));
    };
    for (const identity of await writes.identity.findMany({ where: { userId } })) {
      const { issuer, subject, connectionId: lastId } = identity;
      const connection = connections.find((one) =>
        lastId === null ? isSaidBy(issuer, one.issuer) : one.id === lastId,
      );
      if (!connection) continue;
      const { id: connectionId } = connection;
      note(connectionId, signInHash(organisationId, issuer, subject));
      // SCIM may send them later, although it has not yet.
      const scimId = identity.scimId ?? (subjectIsScimId(connection) ? subject : null);
      if (scimId !== null)
        note(connectionId, sentHash(connectionId, { externalId: scimId, userNameKey: '' }));
    }
    for (const sent of await writes.scimUser.findMany({ where: { userId } }))
      note(sent.connectionId, sentHash(sent.connectionId, sent));
    await writes.barredPerson.createMany({
      data: [...hashes].map(([connectionId, found]) => ({
        id: newId(),
        organisationId,
        connectionId,
        userId,
        hashes: [...found],
        deletedByKind: by.kind,
        deletedById: by.id,
        createdAt: at,
      })),
    });
    return connections.filter(({ id }) => hashes.has(id)).map(({ name }) => name);
  }

  /** @throws CausewayError PERSON_BARRED when somebody who is new here was deleted before */
  async checkArriving(
    writes: Writes,
    organisationId: string,
    connectionId: string,
    { issuer, subject, scimId }: Arriving,
  ): Promise<void> {
    const sent = scimId === null ? [] : [sentHash(connectionId, { externalId: scimId, userNameKey: '' })];
    await this.check(writes, organisationId, [signInHash(organisationId, issuer, subject), ...sent]);
  }

  /** @throws CausewayError PERSON_BARRED when somebody whom SCIM sends, and who is nobody here, was deleted before */
  async checkSent(
    writes: Writes,
    { id, organisationId }: { readonly id: string; readonly organisationId: string },
    externalId: string | undefined,
    userName: string,
  ): Promise<void> {
    const sent = { externalId: externalId ?? null, userNameKey: userName.toLowerCase() };
    await this.check(writes, organisationId, [sentHash(id, sent)]);
  }

  /** Oldest first. */
  async list(organisationId: string, page: Page): Promise<{ items: BarredPerson[]; next?: string }> {
    const rows = await this.tables.reads.barredPerson.findMany({
      where: { organisationId, ...after(page) },
      ...inOrder(page),
      include: { connection: true },
    });
    const id = { in: rows.map(({ deletedById }) => deletedById) };
    const [people, accounts] = await Promise.all([
      this.tables.reads.user.findMany({ where: { id } }),
      this.tables.reads.serviceAccount.findMany({ where: { id } }),
    ]);
    const names = new Map([...people, ...accounts].map((one) => [one.id, one.name]));
    return cutPage(
      rows,
      page.limit,
      ({ userId, connection, createdAt, deletedByKind: kind, deletedById }) => ({
        userId,
        connection: connection.name,
        deletedAt: createdAt.toISOString(),
        // Who is gone too is only an id.
        deletedBy: { kind, id: deletedById, name: names.get(deletedById) ?? deletedById },
      }),
      keyOf,
    );
  }

  /** From then on they may come back. @returns the names of the connections by which they were barred */
  async readmit(writes: Writes, organisationId: string, userId: string): Promise<string[]> {
    const where = { organisationId, userId };
    const rows = await writes.barredPerson.findMany({ where, include: { connection: true } });
    await writes.barredPerson.deleteMany({ where });
    return rows.map(({ connection }) => connection.name).toSorted();
  }

  private async check(writes: Writes, organisationId: string, hashes: readonly string[]): Promise<void> {
    const found = await writes.barredPerson.findFirst({
      where: { organisationId, hashes: { hasSome: [...hashes] } },
      include: { connection: true },
    });
    if (!found) return;
    const { userId, createdAt, connection } = found;
    throw causewayError('PERSON_BARRED', {
      deletedAt: createdAt.toISOString(),
      connection: connection.name,
      userId,
    });
  }
}

/** Whether the issuer of an identity is that of a connection; for SAML the format of the name stands before it. */
function isSaidBy(issuer: string, ofConnection: string): boolean {
  return issuer === ofConnection || issuer.endsWith(` ${ofConnection}`);
}
