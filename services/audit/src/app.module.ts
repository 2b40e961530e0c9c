import { Module } from '@nestjs/common';
import { AppendAuditEventsHandler } from './messages/append-audit-events.handler.js';
import { ListAuditEventsHandler } from './messages/list-audit-events.handler.js';
import { Events } from './operations/events.js';
import { Months } from './operations/months.js';
import { EventStore } from './store/event.store.js';

@Module({
  controllers: [AppendAuditEventsHandler, ListAuditEventsHandler],
  providers: [Events, Months, EventStore],
})
export class AppModule {}
