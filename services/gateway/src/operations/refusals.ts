import { appendAuditEvents, auditEvent } from '@causeway/contracts';
import type { AuditEvent, Caller } from '@causeway/contracts';
import { Bus, Floods, log, newId, withoutContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';

/** Refusals wait at most so long before they are sent. */
const FLUSH_MS = 500;
const BATCH = 500;
/** Events kept while audit does not answer; beyond it the oldest are dropped and counted in the log. */
const MAX_WAITING = 50_000;

/** A request that was refused. */
export interface Refused {
  readonly caller: Caller;
  readonly userAgent?: string | undefined;
  readonly object: AuditEvent['object'];
  /** What the code does not say. */
  readonly reason?: string;
}

/** Reports every refused request to the audit log: soon, in acknowledged batches, with many alike counted as one event. */
@Injectable()
export class Refusals implements OnApplicationShutdown {
  private waiting: AuditEvent[] = [];
  private readonly floods = new Floods<AuditEvent>({ coarse: ofAnybody });
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly bus: Bus) {}

  /** Adds a refusal. Refusals with the same code, object, caller and address are alike. */
  note(code: string, refused: Refused): void {
    const event = eventOf(code, refused);
    const { object, actor } = event;
    const key = [code, object.type, object.id, refused.caller.address, actor.id, actor.keyId].join(' ');
    if (this.floods.add(key, event, Date.now())) this.push(event);
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.pushCounted(Infinity);
    await this.flush();
  }

  private push(event: AuditEvent): void {
    this.waiting.push(event);
    if (this.waiting.length > MAX_WAITING)
      log.warn({ dropped: this.waiting.splice(0, BATCH).length }, 'refusals dropped');
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.pushCounted(Date.now());
      // These are refusals of many callers.
      this.sending = withoutContext(() => this.sending.then(() => this.flush()));
      if (!this.floods.isEmpty) this.schedule();
    }, FLUSH_MS);
  }

  private pushCounted(nowMs: number): void {
    for (const { sample, count } of this.floods.takeDue(nowMs))
      this.push({ ...sample, id: newId(), at: new Date().toISOString(), count });
  }

  private async flush(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, BATCH);
      try {
        const { confirmed } = await this.bus.request(appendAuditEvents, {
          items: batch.map((event) => ({ id: event.id, payload: event })),
        });
        const done = new Set(confirmed);
        this.waiting = this.waiting.filter((event) => !done.has(event.id));
        if (done.size === 0) return this.schedule();
      } catch (error) {
        log.failure(error, 'refusals not sent');
        return this.schedule();
      }
    }
  }
}

/** One event for all refusals of one code and team, used when there are too many different callers, objects and addresses. */
function ofAnybody(event: AuditEvent): { key: string; sample: AuditEvent } {
  const { from: _from, requestId: _requestId, ...rest } = event;
  const actor = { kind: event.actor.kind, id: 'several', name: 'several' };
  const sample = { ...rest, actor, object: { type: 'route', id: 'several' } };
  return { key: [event.code, event.organisationId, event.teamId, actor.kind].join(' '), sample };
}

function eventOf(code: string, { caller, userAgent, object, reason }: Refused): AuditEvent {
  const { principal, tenant, requestId, address } = caller;
  return auditEvent({
    id: newId(),
    at: new Date().toISOString(),
    // Nobody knows the team of a caller without a valid key, and an identity provider acts in none.
    tenant:
      principal.kind === 'anonymous' || principal.kind === 'scim'
        ? { organisationId: tenant.organisationId }
        : tenant,
    actor: principal,
    action: 'request.refuse',
    object,
    result: 'refused',
    code,
    from: { address, userAgent: userAgent?.slice(0, 500) },
    requestId,
    detail: reason === undefined ? undefined : { reason },
  });
}
