import { type RetainedKind, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { SchedulerClient } from '../clients/scheduler.client.js';
import type { Settings } from '../config.js';
import { OldFlowStore } from '../store/old-flow.store.js';

const DAY_MS = 24 * 60 * 60_000;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';
const LOWEST_VERSION = { flowId: LOWEST_ID, versionHash: '' };
/** A scheduler that has cached a version may still pin a run to it for so long after its end. */
const REMEMBERED_MS = DAY_MS;
/** A file that no flow names may belong to an import that is just being written, so it is kept for a day. */
const SOURCE_DAYS = 1;
/** A removed plan is compiled again when it is requested. During an update two builds run side by side, each with its own plan. */
const PLAN_DAYS = 7;

/**
 * Removes old data of flows: deleted flows, replaced versions, and what only those needed. A version is kept as long as a stored run is
 * pinned to it, or its flow's release names it.
 */
@Injectable()
export class OldFlows {
  constructor(
    private readonly store: OldFlowStore,
    private readonly scheduler: SchedulerClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The kinds in the order of their removal: projects and files after the flows that refer to them. */
  kinds(): RetainedKind[] {
    const { deletedFlowDays } = this.settings;
    return [
      this.deleted(),
      this.replaced(),
      this.simple('deleted projects', 'project', deletedFlowDays, 'deletedFlowDays'),
      this.simple('imported files of no flow', 'source', SOURCE_DAYS),
      this.simple('plans of other compilers', 'plan', PLAN_DAYS),
    ];
  }

  /** Goes through all of them once a day; for those to which runs are pinned the scheduler is asked again. */
  private deleted(): RetainedKind {
    const { deletedFlowDays: days } = this.settings;
    let after = LOWEST_ID;
    let nextPassMs = 0;
    return {
      kind: 'deleted flows',
      setting: 'deletedFlowDays',
      keepDays: days,
      remove: async (transaction, atMost) => {
        if (Date.now() < nextPassMs) return { rows: 0, isMore: false };
        const found = await this.store.findDeleted(transaction, days, after, atMost);
        const unused = await this.scheduler.unpinned(
          found.map(({ flowId, deletedAt }) => ({ flowId, until: stillPinned(deletedAt) })),
        );
        const flowIds = unused.map(({ flowId }) => flowId);
        const rows = flowIds.length === 0 ? 0 : await this.store.deleteFlows(transaction, days, flowIds);
        const isMore = found.length === atMost;
        after = isMore ? (found.at(-1)?.flowId ?? LOWEST_ID) : LOWEST_ID;
        if (!isMore) nextPassMs = Date.now() + DAY_MS;
        return { rows, isMore };
      },
      measure: () => this.store.measure('flow', days),
    };
  }

  /** Goes through all of them once a day, too. */
  private replaced(): RetainedKind {
    const { flowVersionDays: days } = this.settings;
    let after = LOWEST_VERSION;
    let nextPassMs = 0;
    return {
      kind: 'replaced flow versions',
      setting: 'flowVersionDays',
      keepDays: days,
      remove: async (transaction, atMost) => {
        if (Date.now() < nextPassMs) return { rows: 0, isMore: false };
        if (after === LOWEST_VERSION && (await this.store.noteReplaced(transaction, atMost)) === atMost)
          return { rows: 0, isMore: true };
        const found = await this.store.findReplaced(transaction, days, after, atMost);
        const unused = await this.scheduler.unpinned(
          found.map((version) => ({ ...version, until: stillPinned(version.replacedAt) })),
        );
        const rows = unused.length === 0 ? 0 : await this.store.deleteVersions(transaction, days, unused);
        const isMore = found.length === atMost;
        after = isMore ? (found.at(-1) ?? LOWEST_VERSION) : LOWEST_VERSION;
        if (!isMore) nextPassMs = Date.now() + DAY_MS;
        return { rows, isMore };
      },
      measure: () => this.store.measure('version', days),
    };
  }

  private simple(
    kind: string,
    what: 'project' | 'source' | 'plan',
    keepDays: number,
    setting?: string,
  ): RetainedKind {
    return {
      kind,
      ...(setting !== undefined && { setting }),
      keepDays,
      remove: async (transaction, atMost) => {
        const rows = await this.store.delete(transaction, what, keepDays, atMost);
        return { rows, isMore: rows === atMost };
      },
      measure: () => this.store.measure(what, keepDays),
    };
  }
}

function stillPinned(end: Date): string {
  return new Date(end.getTime() + REMEMBERED_MS).toISOString();
}
