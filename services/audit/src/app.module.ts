import { Module } from '@nestjs/common';
import { EventsHandler } from './messages/events.handler.js';
import { RetentionHandler } from './messages/retention.handler.js';
import { StreamsHandler } from './messages/streams.handler.js';
import { Appending } from './operations/appending.js';
import { BlockZero } from './operations/block-zero.js';
import { Checkpoints } from './operations/checkpoints.js';
import { Events } from './operations/events.js';
import { Exporting } from './operations/exporting.js';
import { Keys } from './operations/keys.js';
import { Months } from './operations/months.js';
import { Proofs } from './operations/proofs.js';
import { Readings } from './operations/readings.js';
import { Retaining } from './operations/retaining.js';
import { Streaming } from './operations/streaming.js';
import { Streams } from './operations/streams.js';
import { ChainStore } from './store/chain.store.js';
import { CheckpointStore } from './store/checkpoint.store.js';
import { EventStore } from './store/event.store.js';
import { ExportStore } from './store/export.store.js';
import { RemovalStore } from './store/removal.store.js';
import { StreamStore } from './store/stream.store.js';

@Module({
  controllers: [EventsHandler, StreamsHandler, RetentionHandler],
  providers: [
    EventStore,
    ChainStore,
    CheckpointStore,
    ExportStore,
    RemovalStore,
    Months,
    BlockZero,
    Checkpoints,
    Appending,
    Readings,
    Events,
    Proofs,
    Exporting,
    Keys,
    StreamStore,
    Streaming,
    Streams,
    Retaining,
  ],
})
export class AppModule {}
