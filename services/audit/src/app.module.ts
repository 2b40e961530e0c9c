import { Module } from '@nestjs/common';
import { EventsHandler } from './messages/events.handler.js';
import { Events } from './operations/events.js';
import { RetentionHandler } from './messages/retention.handler.js';
import { Months } from './operations/months.js';
import { Retaining } from './operations/retaining.js';
import { EventStore } from './store/event.store.js';

@Module({
  controllers: [EventsHandler, RetentionHandler],
  providers: [EventStore, Months, Events, Retaining],
})
export class AppModule {}
