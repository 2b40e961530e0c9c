import { setTimeout as sleep } from 'node:timers/promises';
import { appendAuditEvents, auditEvent, dataKeyChanged, isUnreachable } from '@causeway/contracts';
import type { ReplyOf, Tenant, getResealing } from '@causeway/contracts';
import {
  Bus,
  DataKeys,
  Database,
  Lifecycle,
  OutboxRelay,
  Rounds,
  SETTINGS,
  counter,
  dataKeyOf,
  insertOutbox,
  log,
  newId,
  outboxRow,
} from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../../config.js';
import {
  ResealingStore,
  type SealedTable,
  type StaleRow,
  nameOf,
  sealedTables,
} from '../../store/sealing/resealing.store.js';
import { SealingAgain } from './sealing-again.js';

/** Most rows, and most bytes of sealed values, of one transaction. */
const BATCH = 50;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Rows that cannot be opened are passed over until the next rotation or start; beyond so many, nothing more of their table is sealed again. */
const MOST_UNREADABLE = 1_000;

/** It looks again so soon after rows were held by others, or when a round has failed. */
const SOON_MS = 1_000;

const resealed = counter('causeway_resealed_total', 'Rows that were sealed again with another data key.');
const unreadable = counter('causeway_reseal_failures_total', 'Rows that could not be sealed again.');

/**
 * Seals what is stored here again with the current data key: after a rotation, and what was sealed before there were data keys. It looks
 * for rows that name another data key, batch by batch, so whoever stops in the middle continues where it was, several registries share
 * the work, and a row that a slow process has sealed with a retired key is found at the next look.
 */
@Injectable()
export class Resealing extends Rounds {
  /** Rows that could not be opened, by table. */
  private readonly failed = new Map<SealedTable, Set<string>>();

  constructor(
    private readonly store: ResealingStore,
    private readonly sealing: SealingAgain,
    private readonly keys: DataKeys,
    private readonly database: Database,
    private readonly relay: OutboxRelay,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
    @Inject(SETTINGS) settings: Settings,
  ) {
    super({ everyMs: settings.resealLookMs, againMs: SOON_MS, failure: 'not sealed again' });
  }

  override onApplicationBootstrap(): void {
    this.bus.subscribe(dataKeyChanged, undefined, () => {
      this.failed.clear();
      this.wake();
    });
    super.onApplicationBootstrap();
  }

  /** What is still to be sealed again in an organisation. */
  async status(organisationId: string): Promise<ReplyOf<typeof getResealing>> {
    const dataKeyId = await this.freshKey(organisationId);
    const tables = sealedTables.map(async (table) => ({
      table,
      pending: await this.store.count(table, organisationId, dataKeyId),
      unreadable: this.failed.get(table)?.size ?? 0,
    }));
    return { dataKeyId, tables: await Promise.all(tables) };
  }

  protected async round(): Promise<void> {
    for (const tenant of await this.store.organisations()) {
      if (this.lifecycle.isDraining) return;
      try {
        await this.resealAll(tenant);
      } catch (error) {
        // What is wrong with one organisation must not keep the others waiting.
        log.failure(error, 'not sealed again', { organisationId: tenant.organisationId });
        if (isUnreachable(error)) this.wakeSoon();
      }
    }
  }

  private async resealAll(tenant: Tenant): Promise<void> {
    const counts: Record<string, number> = {};
    for (const table of sealedTables) {
      const count = await this.resealTable(table, tenant.organisationId);
      if (count > 0) counts[table] = count;
    }
    if (Object.keys(counts).length > 0)
      await this.tell(tenant, await this.keys.currentId(tenant.organisationId), counts);
  }

  private async freshKey(organisationId: string): Promise<string> {
    await this.keys.refresh(organisationId);
    return this.keys.currentId(organisationId);
  }

  /** @returns how many rows were sealed again */
  private async resealTable(table: SealedTable, organisationId: string): Promise<number> {
    const failed = this.failed.get(table) ?? new Set<string>();
    this.failed.set(table, failed);
    let count = 0;
    while (!this.lifecycle.isDraining && failed.size < MOST_UNREADABLE) {
      // Asked each time: after another rotation, what is sealed with its key is not to be sealed again.
      const dataKeyId = await this.freshKey(organisationId);
      const found = await this.store.find(table, organisationId, dataKeyId, {
        atMost: BATCH,
        without: [...failed],
      });
      if (found.length === 0) break;
      const beganMs = performance.now();
      const done = await this.resealBatch(table, organisationId, dataKeyId, firstOf(found));
      resealed.add(done.count, { table });
      for (const name of done.failed) failed.add(name);
      count += done.count;
      // Rows that somebody else holds are left for a moment: another registry may be sealing them.
      if (done.count === 0 && done.failed.length === 0) {
        this.wakeSoon();
        break;
      }
      // It rests as long as it worked, so that callers come first.
      await sleep(performance.now() - beganMs);
    }
    return count;
  }

  /** Seals rows again in one transaction. */
  private resealBatch(
    table: SealedTable,
    organisationId: string,
    dataKeyId: string,
    rows: readonly StaleRow[],
  ): Promise<{ count: number; failed: string[] }> {
    return this.database.transaction(async (transaction) => {
      const failed: string[] = [];
      let count = 0;
      for (const { key } of rows) {
        const row = await this.store.take(transaction, table, key);
        if (!row) continue;
        const values = await this.sealing.again(table, organisationId, key, row).catch((error: unknown) => {
          if (isUnreachable(error)) throw error;
          log.failure(error, 'a row was not sealed again', { table, row: nameOf(key) });
          unreadable.add(1, { table });
          failed.push(nameOf(key));
        });
        if (!values) continue;
        // Another key may have become the current one while the row was sealed.
        const sealedBy = dataKeyOf(...Object.values(values).filter((value) => value !== null));
        await this.store.put(transaction, table, key, values, sealedBy ?? dataKeyId);
        count += 1;
      }
      return { count, failed };
    });
  }

  private async tell(tenant: Tenant, dataKeyId: string, counts: Record<string, number>): Promise<void> {
    const event = auditEvent({
      id: newId(),
      at: new Date(),
      tenant,
      actor: { kind: 'system', id: 'flow-registry', name: 'flow-registry' },
      action: 'data_key.reseal',
      object: { type: 'data_key', id: dataKeyId },
      detail: counts,
    });
    await insertOutbox(this.database, [outboxRow(appendAuditEvents, event, tenant, event.id)]);
    this.relay.wake();
    log.info({ organisationId: tenant.organisationId, dataKeyId, ...counts }, 'sealed again');
  }
}

/** The first rows that fit into one transaction; at least one. */
function firstOf(rows: readonly StaleRow[]): StaleRow[] {
  let bytes = 0;
  const fitting = rows.findIndex((row) => (bytes += row.bytes) > BATCH_BYTES);
  return rows.slice(0, fitting === -1 ? rows.length : Math.max(1, fitting));
}
