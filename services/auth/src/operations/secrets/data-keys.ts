import { randomBytes } from 'node:crypto';
import { authorizeAt } from '@causeway/authz';
import { MOST_DATA_KEYS, auditEvent, causewayError, dataKeyChanged } from '@causeway/contracts';
import type { AuditEvent, DataKeyState, InputOf, Principal, ReplyOf } from '@causeway/contracts';
import type { listDataKeys, rotateDataKey } from '@causeway/contracts';
import { Bus, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { Changing } from '../changing.js';
import { Tables, type Writes } from '../../store/tables.js';
import { DataKeyStore } from '../../store/data-key.store.js';
import { MasterKeyRing } from './master-key-ring.js';
import { forDataKey } from '../../domain/wrapped-for.js';

const KEY_BYTES = 32;

/** The data keys of organisations: handed out to the services that seal and open, and rotated. */
@Injectable()
export class DataKeys {
  constructor(
    private readonly store: DataKeyStore,
    private readonly masters: MasterKeyRing,
    private readonly changing: Changing,
    private readonly tables: Tables,
    private readonly bus: Bus,
  ) {}

  /**
   * The current data key of an organisation, or the one with this id. The first question of an organisation makes its first key.
   *
   * @throws CausewayError SEALED_UNREADABLE
   */
  async get(organisationId: string, id?: string): Promise<{ id: string; key: Buffer }> {
    const row = (await this.store.find(organisationId, id)) ?? (await this.makeFirst(organisationId, id));
    return { id: row.id, key: await this.masters.wrapping.unwrap(row, forDataKey(organisationId, row.id)) };
  }

  async list({
    principal,
  }: InputOf<typeof listDataKeys>): Promise<Omit<ReplyOf<typeof listDataKeys>, 'resealing'>> {
    const { organisationId } = principal;
    authorizeAt(await this.changing.fresh(principal), 'organisation:write', { organisationId });
    return { keys: await this.store.list(organisationId), masterKeyId: this.masters.wrapping.newestId };
  }

  /** Makes a new data key, which seals from now on. */
  async rotate(input: InputOf<typeof rotateDataKey>): Promise<DataKeyState> {
    const { organisationId } = input.principal;
    const key = await this.changing.change(input, async (writes, actor) => {
      authorizeAt(actor.principal, 'organisation:write', { organisationId });
      if ((await this.store.count(writes, organisationId)) >= MOST_DATA_KEYS)
        throw causewayError('LIMIT_REACHED', {
          limit: MOST_DATA_KEYS,
          what: 'data keys of this organisation',
        });
      const { retired, ...made } = await this.add(writes, organisationId);
      const detail = { masterKeyId: made.masterKeyId, ...(retired !== undefined && { retired }) };
      return { result: made, events: [keyEvent(actor, made.id, detail)] };
    });
    this.bus.publish(dataKeyChanged, { organisationId });
    return key;
  }

  private async makeFirst(
    organisationId: string,
    id: string | undefined,
  ): Promise<NonNullable<Awaited<ReturnType<DataKeyStore['find']>>>> {
    if (id !== undefined || !(await this.store.hasOrganisation(organisationId))) {
      const problem = `organisation ${organisationId} has no data key${id === undefined ? '' : ` ${id}`}`;
      throw causewayError('SEALED_UNREADABLE', { problem });
    }
    await this.tables.change(organisationId, async (writes) => {
      // Another question may have made it in between.
      if (!(await this.store.find(organisationId, undefined, writes))) await this.add(writes, organisationId);
    });
    const made = await this.store.find(organisationId);
    if (!made)
      throw causewayError('SEALED_UNREADABLE', { problem: `organisation ${organisationId} has no data key` });
    return made;
  }

  private async add(writes: Writes, organisationId: string): ReturnType<DataKeyStore['add']> {
    const id = newId();
    const wrapped = await this.masters.wrapping.wrap(randomBytes(KEY_BYTES), forDataKey(organisationId, id));
    return this.store.add(writes, { id, organisationId, ...wrapped });
  }
}

function keyEvent(
  { principal, requestId }: { readonly principal: Principal; readonly requestId: string },
  id: string,
  detail: Record<string, string>,
): AuditEvent {
  return auditEvent({
    id: newId(),
    at: new Date(),
    tenant: principal,
    actor: principal,
    action: 'data_key.rotate',
    object: { type: 'data_key', id },
    requestId,
    detail,
  });
}
