import { Module } from '@nestjs/common';
import { FlowRegistryClient } from './clients/flow-registry.client.js';
import { ClaimRunHandler } from './messages/claim-run.handler.js';
import { Adopting } from './runner/claims/adopting.js';
import { Attempts } from './walk/attempts.js';
import { ChatMemory } from './walk/values/chat-memory.js';
import { Claiming } from './runner/claims/claiming.js';
import { Finishing } from './walk/finishing.js';
import { FlowFiles } from './walk/values/flow-files.js';
import { Frames } from './walk/frames.js';
import { Heartbeat } from './runner/life/heartbeat.js';
import { Held } from './runner/claims/held.js';
import { Journal } from './walk/journal.js';
import { Leaving } from './runner/life/leaving.js';
import { MemoryWatch } from './runner/life/memory-watch.js';
import { NodeRunner } from './walk/node-runner.js';
import { Outputs } from './walk/values/outputs.js';
import { Outside } from './runner/outside.js';
import { Plans } from './runner/plans.js';
import { Preparing } from './walk/preparing.js';
import { Secrecy } from './walk/values/secrecy.js';
import { RunFlow } from './walk/run-flow.js';
import { RunnerIdentity, readIdentity } from './runner/life/runner-identity.js';
import { RunnerLife } from './runner/life/runner-life.js';
import { RunningRuns } from './runner/claims/running-runs.js';
import { StepCalls } from './walk/step-calls.js';
import { Supervision } from './runner/life/supervision.js';
import { Taking } from './runner/claims/taking.js';
import { Variables } from './walk/values/variables.js';
import { Walking } from './walk/walking.js';
import { ExecutorStore } from './store/runners/executor.store.js';
import { MessageStore } from './store/chats/message.store.js';
import { ReplayStore } from './store/replay.store.js';
import { RunStore } from './store/run.store.js';

/** The process that executes runs. */
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
    Attempts,
    Walking,
    RunFlow,
    RunningRuns,
    Claiming,
    Heartbeat,
    Taking,
    Adopting,
    Held,
    Leaving,
    MemoryWatch,
    RunnerLife,
    Supervision,
  ],
})
export class RunnerModule {}
