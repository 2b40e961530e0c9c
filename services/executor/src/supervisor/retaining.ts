import { Database, type RetainedKind, RetentionService, SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';
import { ExecutorStore } from '../store/runners/executor.store.js';
import { FIRST_SESSION, OldChatStore } from '../store/chats/old-chat.store.js';

const DAY_MS = 24 * 60 * 60_000;
/** The rows of ended runners are not needed once their runs are taken over. */
const RUNNER_DAYS = 1;
/** Sessions looked at in one batch. */
const SESSIONS = 200;

/** Removes chat sessions without new messages, and the rows of ended runners. Runs are removed when the scheduler requests it. */
@Injectable()
export class Retaining extends RetentionService {
  constructor(
    database: Database,
    private readonly chats: OldChatStore,
    private readonly executors: ExecutorStore,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {
    super(database);
  }

  protected override kinds(): RetainedKind[] {
    return [this.messages(), this.runners()];
  }

  /** Goes through all sessions once a day. */
  private messages(): RetainedKind {
    const { messageDays } = this.settings;
    let after = FIRST_SESSION;
    let nextPassMs = 0;
    return {
      kind: 'messages',
      setting: 'messageDays',
      keepDays: messageDays,
      remove: async (transaction, atMost) => {
        if (Date.now() < nextPassMs) return { rows: 0, isMore: false };
        const found = await this.chats.look(transaction, after, SESSIONS, messageDays);
        const old = found.filter(({ isOld }) => isOld);
        const rows = old.length === 0 ? 0 : await this.chats.delete(transaction, old, atMost, messageDays);
        // A session that was not deleted completely is still old: the next search finds it again from the same place.
        if (rows === atMost) return { rows, isMore: true };
        const isMore = found.length === SESSIONS;
        after = isMore ? (found.at(-1) ?? FIRST_SESSION) : FIRST_SESSION;
        if (!isMore) nextPassMs = Date.now() + DAY_MS;
        return { rows, isMore };
      },
      measure: () => this.chats.measure(messageDays),
    };
  }

  private runners(): RetainedKind {
    return {
      kind: 'runners',
      keepDays: RUNNER_DAYS,
      remove: async (transaction, atMost) => {
        const rows = await this.executors.forget(transaction, RUNNER_DAYS, atMost);
        return { rows, isMore: rows === atMost };
      },
      measure: () => this.executors.measure(RUNNER_DAYS),
    };
  }
}
