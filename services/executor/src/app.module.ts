import { Module } from '@nestjs/common';
import { ChatHandler } from './messages/chat.handler.js';
import { RetentionHandler } from './messages/retention.handler.js';
import { RunsHandler } from './messages/runs.handler.js';
import { ChatEditing } from './supervisor/chat-editing.js';
import { Deaths } from './supervisor/deaths.js';
import { OverdueRuns } from './supervisor/overdue-runs.js';
import { Retaining } from './supervisor/retaining.js';
import { RunnerKeys } from './supervisor/runner-keys.js';
import { Runners } from './supervisor/runners.js';
import { Stopping } from './supervisor/stopping.js';
import { Sweeping } from './supervisor/sweeping.js';
import { ChatPages } from './store/chats/chat-pages.store.js';
import { ExecutorStore } from './store/runners/executor.store.js';
import { OldChatStore } from './store/chats/old-chat.store.js';
import { OldRunStore } from './store/old-run.store.js';
import { QuarantineStore } from './store/runners/quarantine.store.js';
import { RunPages } from './store/run-pages.store.js';
import { RunStore } from './store/run.store.js';

/** The supervisor: starts the runners, looks after the runs that they leave behind, and answers requests about runs and chats. */
@Module({
  controllers: [RunsHandler, ChatHandler, RetentionHandler],
  providers: [
    RunStore,
    ExecutorStore,
    QuarantineStore,
    RunPages,
    ChatPages,
    OldRunStore,
    OldChatStore,
    Stopping,
    ChatEditing,
    RunnerKeys,
    Runners,
    Deaths,
    OverdueRuns,
    Sweeping,
    Retaining,
  ],
})
export class AppModule {}
