import type { DataKeyState } from '@causeway/contracts';
import type { WrappedKey } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { DataKey as DataKeyRow } from './generated/client.js';
import { Tables, type Writes } from './tables.js';

/** A stored key of either table, with what it was wrapped for. */
export interface StoredKey extends WrappedKey {
  readonly table: 'data_key' | 'old_master_key';
  readonly id: string;
  readonly organisationId?: string;
}

/** Stored while it is not known which master keys sealed values themselves. */
const PENDING = 'pending';

/** Data keys, wrapped. */
@Injectable()
export class DataKeyStore {
  constructor(private readonly tables: Tables) {}

  async hasOrganisation(organisationId: string): Promise<boolean> {
    return (await this.tables.reads.organisation.count({ where: { id: organisationId } })) > 0;
  }

  /** The current data key of an organisation, or the one with this id. */
  async find(
    organisationId: string,
    id?: string,
    reads: Writes = this.tables.reads,
  ): Promise<DataKeyRow | undefined> {
    const where = { organisationId, ...(id === undefined ? { isCurrent: true } : { id }) };
    return (await reads.dataKey.findFirst({ where })) ?? undefined;
  }

  /** Newest first. */
  async list(organisationId: string): Promise<DataKeyState[]> {
    const rows = await this.tables.reads.dataKey.findMany({
      where: { organisationId },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    });
    return rows.map(stateOf);
  }

  count(writes: Writes, organisationId: string): Promise<number> {
    return writes.dataKey.count({ where: { organisationId } });
  }

  /** Adds a data key, which is the current one from now on. */
  async add(
    writes: Writes,
    row: { id: string; organisationId: string } & WrappedKey,
  ): Promise<DataKeyState & { retired: string | undefined }> {
    const retired = await this.find(row.organisationId, undefined, writes);
    if (retired) await writes.dataKey.update({ where: { id: retired.id }, data: { isCurrent: false } });
    const made = await writes.dataKey.create({ data: { ...row, isCurrent: true, createdAt: new Date() } });
    return { ...stateOf(made), retired: retired?.id };
  }

  /** The master keys that wrap anything. */
  async masterIds(): Promise<string[]> {
    const rows = await this.tables.reads.$queryRaw<{ master_id: string }[]>`
      select distinct master_id from data_key
      union select master_id from old_master_key where id <> ${PENDING}`;
    return rows.map(({ master_id: id }) => id);
  }

  /** Takes some keys that another master key than this one wraps; no other process takes the same ones before the transaction ends. */
  async takeWrappedByOther(writes: Writes, masterId: string, atMost: number): Promise<StoredKey[]> {
    const rows = await writes.$queryRaw<
      { id: string; organisation_id: string; wrapped: string; master_id: string }[]
    >`select id::text, organisation_id::text, wrapped, master_id from data_key
      where master_id < ${masterId} or master_id > ${masterId} limit ${atMost} for update skip locked`;
    const old = await writes.$queryRaw<{ id: string; wrapped: string; master_id: string }[]>`
      select id, wrapped, master_id from old_master_key
      where master_id <> ${masterId} and id <> ${PENDING} limit ${atMost} for update skip locked`;
    return [
      ...rows.map(({ id, organisation_id: organisationId, wrapped, master_id }) => ({
        table: 'data_key' as const,
        id,
        organisationId,
        wrapped,
        masterId: master_id,
      })),
      ...old.map(({ id, wrapped, master_id }) => ({
        table: 'old_master_key' as const,
        id,
        wrapped,
        masterId: master_id,
      })),
    ];
  }

  async rewrap(writes: Writes, { table, id }: StoredKey, { wrapped, masterId }: WrappedKey): Promise<void> {
    const data = { wrapped, masterId };
    if (table === 'data_key') await writes.dataKey.update({ where: { id }, data });
    else await writes.oldMasterKey.update({ where: { id }, data });
  }

  async findOld(id: string): Promise<WrappedKey | undefined> {
    const where = { id, NOT: { id: PENDING } };
    return (await this.tables.reads.oldMasterKey.findFirst({ where })) ?? undefined;
  }

  async isOldPending(): Promise<boolean> {
    return (await this.tables.reads.oldMasterKey.count({ where: { id: PENDING } })) > 0;
  }

  /** Stores the master keys that have sealed values themselves. */
  async settleOld(keys: readonly ({ id: string } & WrappedKey)[]): Promise<void> {
    await this.tables.reads.$transaction([
      this.tables.reads.oldMasterKey.createMany({ data: [...keys], skipDuplicates: true }),
      this.tables.reads.oldMasterKey.deleteMany({ where: { id: PENDING } }),
    ]);
  }
}

function stateOf({ id, isCurrent, masterId, createdAt }: DataKeyRow): DataKeyState {
  return { id, isCurrent, masterKeyId: masterId, createdAt: createdAt.toISOString() };
}
