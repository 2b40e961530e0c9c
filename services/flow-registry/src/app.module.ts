import { Module } from '@nestjs/common';
import { SchedulerClient } from './clients/scheduler.client.js';
import { TeamsHandler } from './messages/teams.handler.js';
import { TeamStore } from './store/team.store.js';
import { MovesHandler } from './messages/moves.handler.js';
import { VersionsHandler } from './messages/versions.handler.js';
import { Hooks } from './changes/hooks.js';
import { HooksHandler } from './messages/hooks.handler.js';
import { HookStore } from './store/hook.store.js';
import { AllowedHostsHandler } from './messages/allowed-hosts.handler.js';
import { FilesHandler } from './messages/files.handler.js';
import { FlowsHandler } from './messages/flows.handler.js';
import { ProjectsHandler } from './messages/projects.handler.js';
import { RetentionHandler } from './messages/retention.handler.js';
import { RunsHandler } from './messages/runs.handler.js';
import { VariablesHandler } from './messages/variables.handler.js';
import { Moving } from './changes/moving.js';
import { MoveStore } from './store/move.store.js';
import { Publishing } from './changes/publishing.js';
import { Allowing } from './changes/allowing.js';
import { Committing } from './changes/committing.js';
import { Collecting } from './retention/collecting.js';
import { GraphRoom } from './intake/graph-room.js';
import { GraphWork } from './intake/graph-work.js';
import { Compiling } from './intake/compiling.js';
import { Deleting } from './changes/deleting.js';
import { Drafting } from './intake/drafting.js';
import { Files } from './changes/files.js';
import { FlowPages } from './answers/flow-pages.js';
import { FlowSaving } from './changes/flow-saving.js';
import { Flows } from './changes/flows.js';
import { Importing } from './changes/importing.js';
import { OldFlows } from './retention/old-flows.js';
import { Placing } from './changes/placing.js';
import { Projects } from './changes/projects.js';
import { Receiving } from './intake/receiving.js';
import { Resealing } from './changes/sealing/resealing.js';
import { ResealingHandler } from './messages/resealing.handler.js';
import { ResealingStore } from './store/sealing/resealing.store.js';
import { SealingAgain } from './changes/sealing/sealing-again.js';
import { Restoring } from './intake/restoring.js';
import { Retaining } from './retention/retaining.js';
import { Running } from './answers/running.js';
import { TakingSource } from './changes/taking-source.js';
import { Unpacking } from './intake/unpacking.js';
import { Variables } from './changes/variables.js';
import { FileStore } from './store/file.store.js';
import { FlowStore } from './store/flow.store.js';
import { NameStore } from './store/name.store.js';
import { OldFlowStore } from './store/old-flow.store.js';
import { ProjectStore } from './store/project.store.js';
import { RunnableStore } from './store/runnable.store.js';
import { Sealing } from './store/sealing/sealing.js';
import { SourceStore } from './store/source.store.js';
import { Tables } from './store/tables.js';
import { VariableStore } from './store/variable.store.js';
import { VersionPages } from './store/version-pages.store.js';
import { VersionStore } from './store/version.store.js';

@Module({
  controllers: [
    RunsHandler,
    FlowsHandler,
    AllowedHostsHandler,
    HooksHandler,
    VersionsHandler,
    MovesHandler,
    TeamsHandler,
    ProjectsHandler,
    VariablesHandler,
    FilesHandler,
    RetentionHandler,
    ResealingHandler,
  ],
  providers: [
    Tables,
    Hooks,
    HookStore,
    Sealing,
    NameStore,
    FlowStore,
    VersionStore,
    VersionPages,
    SourceStore,
    ProjectStore,
    OldFlowStore,
    SchedulerClient,
    VariableStore,
    FileStore,
    RunnableStore,
    ResealingStore,
    SealingAgain,
    Resealing,
    Allowing,
    Publishing,
    Moving,
    MoveStore,
    TeamStore,
    Committing,
    Receiving,
    Collecting,
    GraphRoom,
    GraphWork,
    Compiling,
    Restoring,
    Drafting,
    Unpacking,
    Placing,
    FlowSaving,
    FlowPages,
    TakingSource,
    Flows,
    Importing,
    Deleting,
    Projects,
    Variables,
    Files,
    Running,
    OldFlows,
    Retaining,
  ],
})
export class AppModule {}
