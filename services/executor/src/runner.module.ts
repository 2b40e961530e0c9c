import { Module } from '@nestjs/common';
import { FlowRegistryClient } from './clients/flow-registry.client.js';
import { ClaimRunHandler } from './messages/claim-run.handler.js';
import { Adopting } from './runner/adopting.js';
import { Attempts } from './walk/attempts.js';
import { ChatMemory } from './walk/chat-memory.js';
import { Claiming } from './runner/claiming.js';
import { Finishing } from './walk/finishing.js';
import { FlowFiles } from './walk/flow-files.js';
import { Frames } from './walk/frames.js';
import { Heartbeat } from './runner/heartbeat.js';
import { Held } from './runner/held.js';
import { Journal } from './walk/journal.js';
import { Leaving } from './runner/leaving.js';
import { MemoryWatch } from './runner/memory-watch.js';
import { NodeRunner } from './walk/node-runner.js';
import { Outputs } from './walk/outputs.js';
import { Outliving } from './runner/outliving.js';
import { Outside } from './runner/outside.js';
import { Plans } from './runner/plans.js';
import { Preparing } from './walk/preparing.js';
import { Secrecy } from './walk/secrecy.js';
import { RunFlow } from './walk/run-flow.js';
import { RunnerIdentity, readIdentity } from './runner/runner-identity.js';
import { RunnerLife } from './runner/runner-life.js';
import { RunningRuns } from './runner/running-runs.js';
import { StepCalls } from './walk/step-calls.js';
import { Supervision } from './runner/supervision.js';
import { Taking } from './runner/taking.js';
import { Variables } from './walk/variables.js';
import { Walking } from './walk/walking.js';
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
    Outliving,
  ],
})
export class RunnerModule {}
