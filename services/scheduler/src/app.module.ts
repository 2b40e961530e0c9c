import { Module } from '@nestjs/common';
import { ExecutorClient } from './clients/executor.client.js';
import { RunsHandler } from './messages/runs.handler.js';
import { Admission } from './operations/admission.js';
import { Cancelling } from './operations/cancelling.js';
import { Closing } from './operations/closing.js';
import { Doorbell } from './operations/doorbell.js';
import { Reconciling } from './operations/reconciling.js';
import { Releasing } from './operations/releasing.js';
import { RunPages } from './store/run-pages.store.js';
import { RunStore } from './store/run.store.js';
import { SlotStore } from './store/slot.store.js';

@Module({
  controllers: [RunsHandler],
  providers: [
    RunStore,
    SlotStore,
    RunPages,
    ExecutorClient,
    Doorbell,
    Releasing,
    Closing,
    Admission,
    Cancelling,
    Reconciling,
  ],
})
export class AppModule {}
