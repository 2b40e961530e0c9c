import { Module } from '@nestjs/common';
import { EventsHandler } from './messages/events.handler.js';
import { Events } from './operations/events.js';
import { Months } from './operations/months.js';
import { EventStore } from './store/event.store.js';

@Module({
  controllers: [EventsHandler],
  providers: [EventStore, Months, Events],
})
export class AppModule {}
