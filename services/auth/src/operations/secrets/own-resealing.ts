import { type ReplyOf, auditEvent, isUnreachable, type listDataKeys } from '@causeway/contracts';
import {
  DataKeys as KnownKeys,
  Database,
  Lifecycle,
  OutboxRelay,
  Rounds,
  Vault,
  log,
  newId,
} from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import {
  type OwnSealed,
  type SealedColumn,
  countStale,
  findStale,
  ownSealedColumns,
  replaceSealed,
} from '../../store/own-sealed.store.js';
import { Tables, tell } from '../../store/tables.js';

/** It looks so often by itself: a gateway that had not heard of a rotation may have sealed a value with the former key. */
const LOOK_MS = 60_000;
const BATCH = 50;
/** Values that cannot be opened are passed over until the next start; beyond so many, nothing more of their table is sealed again. */
const MOST_UNREADABLE = 1_000;

/**
 * Seals again, with the current data key, what auth itself keeps sealed. Whoever stops in the middle continues at the next look, and two
 * at once do no harm: a value is replaced only if it is still the one that was opened.
 */
@Injectable()
export class OwnResealing extends Rounds {
  /** Rows that could not be opened, by table. */
  private readonly failed = new Map<string, Set<string>>(
    ownSealedColumns.map(({ table }) => [table, new Set<string>()]),
  );

  constructor(
    private readonly database: Database,
    private readonly tables: Tables,
    private readonly vault: Vault,
    private readonly known: KnownKeys,
    private readonly relay: OutboxRelay,
    private readonly lifecycle: Lifecycle,
  ) {
    super({ everyMs: LOOK_MS, failure: 'not sealed again' });
  }

  /** What is still to be sealed again in an organisation. */
  status(organisationId: string): Promise<ReplyOf<typeof listDataKeys>['resealing']> {
    return Promise.all(
      ownSealedColumns.map(async (column) => ({
        table: column.table,
        pending: await countStale(this.database, column, organisationId),
        unreadable: this.failedOf(column).size,
      })),
    );
  }

  protected async round(): Promise<void> {
    /** How many were sealed again, by organisation and data key, then by table. */
    const done = new Map<string, Record<string, number>>();
    for (const column of ownSealedColumns)
      for (const { place, dataKeyId } of await this.resealColumn(column)) {
        const name = `${place.organisationId} ${dataKeyId}`;
        const counts = done.get(name) ?? {};
        counts[column.table] = (counts[column.table] ?? 0) + 1;
        done.set(name, counts);
      }
    for (const [name, counts] of done) {
      const [organisationId = '', dataKeyId = ''] = name.split(' ');
      await this.report(organisationId, dataKeyId, counts);
    }
  }

  /** @returns what was sealed again */
  private async resealColumn(column: SealedColumn): Promise<OwnSealed[]> {
    const failed = this.failedOf(column);
    const done: OwnSealed[] = [];
    while (!this.lifecycle.isDraining && failed.size < MOST_UNREADABLE) {
      const found = await findStale(this.database, column, { atMost: BATCH, without: [...failed] });
      for (const organisationId of new Set(found.map(({ place }) => place.organisationId)))
        await this.known.refresh(organisationId);
      for (const value of found) {
        const again = await this.sealAgain(value).catch((error: unknown) => {
          if (isUnreachable(error)) throw error;
          log.failure(error, 'a value was not sealed again', { table: column.table, row: value.key });
          failed.add(value.key);
        });
        if (again !== undefined && (await replaceSealed(this.database, column, value, again)))
          done.push(value);
      }
      if (found.length < BATCH) break;
    }
    return done;
  }

  private async sealAgain({ sealed, place }: OwnSealed): Promise<string> {
    return this.vault.seal(await this.vault.open(sealed, place), place);
  }

  private async report(
    organisationId: string,
    dataKeyId: string,
    counts: Record<string, number>,
  ): Promise<void> {
    const event = auditEvent({
      id: newId(),
      at: new Date(),
      tenant: { organisationId },
      actor: { kind: 'system', id: 'auth', name: 'auth' },
      action: 'data_key.reseal',
      object: { type: 'data_key', id: dataKeyId },
      detail: counts,
    });
    await tell(this.tables.reads, event);
    this.relay.wake();
    log.info({ organisationId, dataKeyId, ...counts }, 'sealed again');
  }

  private failedOf({ table }: SealedColumn): Set<string> {
    return this.failed.get(table) ?? new Set();
  }
}
