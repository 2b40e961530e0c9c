import { Module } from '@nestjs/common';
import { FlowRegistryClient } from './clients/flow-registry.client.js';
import { ClaimRunHandler } from './messages/claim-run.handler.js';
import { Caring } from './runner/caring.js';
import { ChatMemory } from './walk/chat-memory.js';
import { Claiming } from './runner/claiming.js';
import { Finishing } from './walk/finishing.js';
import { FlowFiles } from './walk/flow-files.js';
import { Frames } from './walk/frames.js';
import { Heartbeat } from './runner/heartbeat.js';
import { Journal } from './walk/journal.js';
import { NodeRunner } from './walk/node-runner.js';
import { Outputs } from './walk/outputs.js';
import { Outside } from './runner/outside.js';
import { Plans } from './runner/plans.js';
import { Preparing } from './walk/preparing.js';
import { Secrecy } from './walk/secrecy.js';
import { RunFlow } from './walk/run-flow.js';
import { RunnerIdentity, readIdentity } from './runner/runner-identity.js';
import { RunningRuns } from './runner/running-runs.js';
import { StepCalls } from './walk/step-calls.js';
import { Variables } from './walk/variables.js';
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
    Secrecy,
    Preparing,
    RunFlow,
    RunningRuns,
    Claiming,
    Heartbeat,
    Caring,
  ],
})
export class RunnerModule {}
