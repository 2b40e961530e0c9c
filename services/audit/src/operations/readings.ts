import { type AuditEvent, type AuditFilter, auditEvent } from '@causeway/contracts';
import { Floods, currentContext, log, newId, withoutContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { EventScope } from '../store/event-query.js';
import { Appending } from './appending.js';
import { findReader } from './reading-scope.js';

const COUNT_MS = 5_000;

/** Records who reads the audit log: each first page of a query and each export, before it is answered; the same query again within a minute is counted. */
@Injectable()
export class Readings implements OnApplicationShutdown {
  private readonly floods = new Floods<AuditEvent>({ oneByOne: 1, coarse: ofAnyQuery });
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly appending: Appending) {}

  /** Settles when the reading is recorded, or is one more of those that are counted. */
  async note(action: 'audit.read' | 'audit.export', scope: EventScope, filter: AuditFilter): Promise<void> {
    const reader = findReader();
    if (!reader) return;
    const event = auditEvent({
      id: newId(),
      at: new Date(),
      tenant: scope,
      actor: reader,
      action,
      object: { type: 'audit', id: scope.teamId ?? scope.organisationId },
      requestId: currentContext().requestId,
      detail: { ...filter },
    });
    const key = JSON.stringify([action, reader.id, reader.keyId, scope, filter]);
    if (!this.floods.add(key, event, Date.now())) return this.schedule();
    await withoutContext(() => this.appending.record([event]));
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    await this.recordCounted(Infinity);
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void withoutContext(() => this.recordCounted(Date.now())).finally(() => {
        if (!this.floods.isEmpty) this.schedule();
      });
    }, COUNT_MS);
  }

  private async recordCounted(nowMs: number): Promise<void> {
    const counted = this.floods
      .takeDue(nowMs)
      .map(({ sample, count }) => ({ ...sample, id: newId(), at: new Date().toISOString(), count }));
    try {
      if (counted.length > 0) await this.appending.record(counted);
    } catch (error) {
      log.failure(error, 'counted readings not recorded', { readings: counted.length });
    }
  }
}

/** One event for all queries of a team or organisation, used when there are too many different ones. */
function ofAnyQuery(event: AuditEvent): { key: string; sample: AuditEvent } {
  const { detail: _detail, requestId: _requestId, ...rest } = event;
  const sample = { ...rest, actor: { kind: event.actor.kind, id: 'several', name: 'several' } };
  return { key: [event.action, event.organisationId, event.teamId].join(' '), sample };
}
