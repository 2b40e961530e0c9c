import { type RetainedKind, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import { SchedulerClient } from '../clients/scheduler.client.js';
import type { Settings } from '../config.js';
import { OldFlowStore } from '../store/old-flow.store.js';

const DAY_MS = 24 * 60 * 60_000;
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';
const LOWEST_VERSION = { flowId: LOWEST_ID, versionHash: '' };
/** So long after a version's end a scheduler that remembered it may still have pinned a run to it. */
const REMEMBERED_MS = DAY_MS;
/** A file that no flow names may be the one of an import that is just being written. */
const SOURCE_DAYS = 1;
/** A plan is made again when it is asked for. In an update two builds run side by side for some time, each with its own. */
const PLAN_DAYS = 7;

/**
 * What of flows leaves: deleted ones, versions that were replaced, and what only those needed. A version stays as long as a run that is
 * kept is pinned to it, or its flow's release names it.
 */
@Injectable()
export class OldFlows {
  constructor(
    private readonly store: OldFlowStore,
    private readonly scheduler: SchedulerClient,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** In the order in which they leave: projects and files after the flows that name them. */
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

  /** Goes through all of them once a day: those to which runs are pinned are asked about again. */
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

  /** The same. */
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
