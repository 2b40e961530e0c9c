import {
  Database,
  ObjectStore,
  type RetainedKind,
  RetentionService,
  SETTINGS,
  orphans,
  removeObjectsOfRuns,
} from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { ExecutorClient } from '../clients/executor.client.js';
import type { Settings } from '../config.js';
import { OldRunStore } from '../store/old-run.store.js';

const DAY_MS = 24 * 60 * 60_000;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Removes old runs: first what executors store about them, then their objects, and last the row here, so that after a crash the next
 * round finds and removes the run. Only runs that have ended are removed, by the time of their end.
 */
@Injectable()
export class Retaining extends RetentionService {
  constructor(
    database: Database,
    private readonly objects: ObjectStore,
    private readonly runs: OldRunStore,
    private readonly executor: ExecutorClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    super(database);
  }

  protected override kinds(): RetainedKind[] {
    const { runDays, payloadDays } = this.settings;
    // Keys are removed first, because the answer to a repeated key comes from its run.
    const early = payloadDays < runDays ? [this.payloads()] : [];
    return [this.keys(), ...early, this.ended(), this.idleSlots(), this.orphans()];
  }

  private get keyDays(): number {
    return Math.min(this.settings.idempotencyDays, this.settings.runDays, this.settings.payloadDays);
  }

  private keys(): RetainedKind {
    return {
      kind: 'idempotency keys',
      setting: 'idempotencyDays',
      keepDays: this.keyDays,
      remove: async (transaction, atMost) => {
        const rows = await this.runs.deleteKeys(transaction, this.keyDays, atMost);
        return { rows, isMore: rows === atMost };
      },
      measure: () => this.runs.measureKeys(this.keyDays),
    };
  }

  private ended(): RetainedKind {
    const { runDays } = this.settings;
    let after = LOWEST_ID;
    return {
      kind: 'runs',
      setting: 'runDays',
      keepDays: runDays,
      remove: async (transaction, atMost) => {
        if (await this.runs.hasOldKeys(transaction, runDays)) return { rows: 0, isMore: false };
        const picked = await this.runs.pick(transaction, { days: runDays, after, atMost });
        const { ended, bytes } = await this.forget(picked, 'all');
        const rows = await this.runs.delete(transaction, ended);
        // At the end the search starts again: runs that had not ended before may have ended now.
        after = picked.length === atMost ? (picked.at(-1) as string) : LOWEST_ID;
        return { rows, bytes, isMore: picked.length === atMost };
      },
      measure: async () => {
        const due = await this.runs.measure(runDays);
        if (due.rows === 0) return due;
        const bytes = await this.executor.bytesOf(new Date(Date.now() - runDays * DAY_MS));
        return { ...due, bytes: due.bytes + bytes };
      },
    };
  }

  /** Processes all old runs once, then the runs that become old, and once a day all of them again. */
  private payloads(): RetainedKind {
    const { payloadDays } = this.settings;
    let after = LOWEST_ID;
    let passEndsMs = Date.now() + DAY_MS;
    return {
      kind: 'payloads',
      setting: 'payloadDays',
      keepDays: payloadDays,
      remove: async (transaction, atMost) => {
        if (Date.now() > passEndsMs) {
          after = LOWEST_ID;
          passEndsMs = Date.now() + DAY_MS;
        }
        const picked = await this.runs.pick(transaction, { days: payloadDays, after, atMost });
        const { bytes } = await this.forget(picked, 'payloads');
        after = picked.at(-1) ?? after;
        return { rows: picked.length, bytes, isMore: picked.length === atMost };
      },
      measure: async () => {
        const { rows, oldest } = await this.runs.measure(payloadDays);
        const bytes =
          rows === 0 ? 0 : await this.executor.bytesOf(new Date(Date.now() - payloadDays * DAY_MS));
        return { rows, bytes, oldest };
      },
    };
  }

  /** A slot is removed after the last run of its flow. CAUSEWAY_RUN_DAYS decides when that run is removed. */
  private idleSlots(): RetainedKind {
    return {
      kind: 'slots of flows without runs',
      keepDays: 1,
      remove: async (transaction, atMost) => {
        const rows = await this.runs.deleteIdleSlots(transaction, atMost);
        return { rows, isMore: rows === atMost };
      },
      measure: () => this.runs.measureIdleSlots(),
    };
  }

  /** Objects of a run that was never accepted, or that a runner stored after its run was removed. */
  private orphans(): RetainedKind {
    return orphans(this.objects, {
      kind: 'objects of no run',
      keepDays: 1,
      ofRuns: true,
      findNamed: async (found) => {
        const known = await this.runs.findKnown([...new Set(found.map(({ runId }) => runId as string))]);
        return new Set(found.filter(({ runId }) => known.has(runId as string)).map(({ name }) => name));
      },
    });
  }

  /** @returns the runs that have ended and of which only the row here remains, and the bytes of their removed objects */
  private async forget(
    runIds: readonly string[],
    what: 'all' | 'payloads',
  ): Promise<{ ended: string[]; bytes: number }> {
    if (runIds.length === 0) return { ended: [], bytes: 0 };
    const kept = new Set(await this.executor.forget(runIds, what));
    const ended = runIds.filter((id) => !kept.has(id));
    const { bytes } = await removeObjectsOfRuns(this.objects, ended);
    return { ended, bytes };
  }
}
