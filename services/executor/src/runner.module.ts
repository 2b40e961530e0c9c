import { Module } from '@nestjs/common';
import { FlowRegistryClient } from './clients/flow-registry.client.js';
import { ClaimRunHandler } from './messages/claim-run.handler.js';
import { Caring } from './operations/caring.js';
import { ChatMemory } from './operations/chat-memory.js';
import { Claiming } from './operations/claiming.js';
import { Finishing } from './operations/finishing.js';
import { FlowFiles } from './operations/flow-files.js';
import { Frames } from './operations/frames.js';
import { Heartbeat } from './operations/heartbeat.js';
import { Journal } from './operations/journal.js';
import { NodeRunner } from './operations/node-runner.js';
import { Outputs } from './operations/outputs.js';
import { Outside } from './operations/outside.js';
import { Plans } from './operations/plans.js';
import { Preparing } from './operations/preparing.js';
import { RunFlow } from './operations/run-flow.js';
import { RunnerIdentity, readIdentity } from './operations/runner-identity.js';
import { RunningRuns } from './operations/running-runs.js';
import { StepCalls } from './operations/step-calls.js';
import { Variables } from './operations/variables.js';
import { ExecutorStore } from './store/executor.store.js';
import { MessageStore } from './store/message.store.js';
import { ReplayStore } from './store/replay.store.js';
import { RunStore } from './store/run.store.js';

/** The process in which runs are walked. */
@Module({
  controllers: [ClaimRunHandler],
  providers: [
    { provide: RunnerIdentity, useFactory: () => readIdentity(process.argv) },
    RunStore,
    ReplayStore,
    MessageStore,
    ExecutorStore,
    FlowRegistryClient,
    Plans,
    Variables,
    FlowFiles,
    Outside,
    Outputs,
    ChatMemory,
    StepCalls,
    NodeRunner,
    Frames,
    Journal,
    Finishing,
    Preparing,
    RunFlow,
    RunningRuns,
    Claiming,
    Heartbeat,
    Caring,
  ],
})
export class RunnerModule {}
