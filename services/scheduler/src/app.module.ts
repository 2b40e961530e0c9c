import { Module } from '@nestjs/common';
import { ExecutorClient } from './clients/executor.client.js';
import { FlowRegistryClient } from './clients/flow-registry.client.js';
import { RetentionHandler } from './messages/retention.handler.js';
import { RunsHandler } from './messages/runs.handler.js';
import { TeamsHandler } from './messages/teams.handler.js';
import { Admission } from './operations/admission.js';
import { Cancelling } from './operations/cancelling.js';
import { Closing } from './operations/closing.js';
import { Doorbell } from './operations/doorbell.js';
import { EndedTeams } from './operations/ended-teams.js';
import { Queues } from './operations/queues.js';
import { Reconciling } from './operations/reconciling.js';
import { ReleasedRuns } from './operations/released-runs.js';
import { Releasing } from './operations/releasing.js';
import { Retaining } from './operations/retaining.js';
import { SlotCare } from './operations/slot-care.js';
import { Submitting } from './operations/submitting.js';
import { EndedTeamStore } from './store/ended-team.store.js';
import { OldRunStore } from './store/old-run.store.js';
import { PinnedStore } from './store/pinned.store.js';
import { RunPages } from './store/run-pages.store.js';
import { RunStore } from './store/run.store.js';
import { SlotStore } from './store/slot.store.js';

@Module({
  controllers: [RunsHandler, RetentionHandler, TeamsHandler],
  providers: [
    RunStore,
    SlotStore,
    RunPages,
    OldRunStore,
    PinnedStore,
    ExecutorClient,
    FlowRegistryClient,
    Doorbell,
    Releasing,
    Closing,
    Queues,
    Admission,
    Submitting,
    Cancelling,
    ReleasedRuns,
    EndedTeamStore,
    EndedTeams,
    SlotCare,
    Reconciling,
    Retaining,
  ],
})
export class AppModule {}
