import { Database, type Due, type Queryable, measureRows } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OauthDeviceCode as CodeRow, Prisma } from '../generated/client.js';
import { Tables, type Writes } from '../tables.js';
import { CLAIM_CODE, CONSUME_CODE, NOTE_POLL } from './device-code.sql.js';
import type { Content } from './token.store.js';

/** Codes of one client that have not expired, in all and from one network. Anybody can ask for codes of a client that has no secret. */
export const MOST_CODES = 1_000;
export const MOST_CODES_OF_NETWORK = 20;

/** Codes that expired at least $1 days ago. */
const OLD = `expires_at < clock_timestamp() - make_interval(days => $1)`;

/** A code to insert. */
export type NewCode = Pick<
  CodeRow,
  'id' | 'tokenHash' | 'userCodeHash' | 'organisationId' | 'clientId' | 'network' | 'expiresAt'
> & { readonly content: Content };

/** What is kept of a code. */
export type StoredCode = Pick<CodeRow, 'tokenHash' | 'organisationId' | 'decidedAt' | 'consumedAt'> & {
  readonly content: Content;
};

/** The codes of programs that have no browser. */
@Injectable()
export class DeviceCodeStore {
  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
  ) {}

  /** Whoever calls it holds the client, so that the limits hold. @returns why there is no room for it, if there is none */
  async insert(writes: Writes, code: NewCode): Promise<string | undefined> {
    const { clientId, network } = code;
    const open = { clientId, expiresAt: { gt: new Date() } };
    const [all, same] = [
      await writes.oauthDeviceCode.count({ where: open }),
      await writes.oauthDeviceCode.count({ where: { ...open, network } }),
    ];
    if (all >= MOST_CODES) return 'too many people log in with this client at the moment';
    if (same >= MOST_CODES_OF_NETWORK) return 'too many people log in from this address at the moment';
    const content = code.content as Prisma.InputJsonObject;
    const { count } = await writes.oauthDeviceCode.createMany({
      data: [{ ...code, content, createdAt: new Date() }],
      skipDuplicates: true,
    });
    return count === 0 ? 'this code is in use already' : undefined;
  }

  async find(tokenHash: string): Promise<StoredCode | undefined> {
    return storedOf(await this.tables.reads.oauthDeviceCode.findUnique({ where: { tokenHash } }));
  }

  async findByUserCode(userCodeHash: string): Promise<StoredCode | undefined> {
    return storedOf(await this.tables.reads.oauthDeviceCode.findUnique({ where: { userCodeHash } }));
  }

  /** Notes that the program asks. @returns whether it does too often */
  async notePoll(tokenHash: string): Promise<boolean> {
    const rows = await this.tables.reads.$queryRawUnsafe<{ too_soon: boolean }[]>(NOTE_POLL, tokenHash);
    return rows[0]?.too_soon ?? false;
  }

  /** @returns whether nobody had answered it before, and it has not expired */
  async claim(tokenHash: string): Promise<boolean> {
    return (await this.tables.reads.$executeRawUnsafe(CLAIM_CODE, tokenHash)) > 0;
  }

  /** @returns whether nobody had used it before */
  async consume(tokenHash: string): Promise<boolean> {
    return (await this.tables.reads.$executeRawUnsafe(CONSUME_CODE, tokenHash)) > 0;
  }

  async setContent(tokenHash: string, content: Content): Promise<void> {
    const data = { content: content as Prisma.InputJsonObject };
    await this.tables.reads.oauthDeviceCode.updateMany({ where: { tokenHash }, data });
  }

  /** Deletes codes that expired long ago. @returns how many */
  async deleteOld(transaction: Queryable, days: number, atMost: number): Promise<number> {
    const { rowCount } = await transaction.query(
      `DELETE FROM oauth_device_code WHERE id IN (SELECT id FROM oauth_device_code WHERE ${OLD} LIMIT $2)`,
      [days, atMost],
      { name: 'delete-expired-device-codes' },
    );
    return rowCount ?? 0;
  }

  measure(days: number): Promise<Due> {
    return measureRows(this.database, {
      table: 'oauth_device_code',
      due: `SELECT FROM oauth_device_code WHERE ${OLD}`,
      values: [days],
      oldest: 'SELECT min(expires_at) AS oldest FROM oauth_device_code WHERE expires_at < clock_timestamp()',
    });
  }
}

function storedOf(row: CodeRow | null): StoredCode | undefined {
  return row === null ? undefined : { ...row, content: row.content as Content };
}
