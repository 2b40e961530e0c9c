import { appendAuditEvents, toWireError } from '@causeway/contracts';
import type { AuditEvent, Principal, Route } from '@causeway/contracts';
import { Bus, currentContext, log, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Refusals wait at most so long before they are sent. */
const FLUSH_MS = 500;
/** Of alike refusals from one address in a minute, so many are told one by one; the rest becomes one counted event. */
const ONE_BY_ONE = 10;
const WINDOW_MS = 60_000;
const BATCH = 500;
/** Events kept while audit does not answer; beyond it the oldest are dropped and counted in the log. */
const MAX_WAITING = 50_000;

interface Flood {
  readonly event: AuditEvent;
  readonly startedMs: number;
  seen: number;
}

/** Tells audit of every request that was refused at the door: soon, in acknowledged batches, floods counted. */
@Injectable()
export class Refusals implements OnApplicationShutdown {
  private waiting: AuditEvent[] = [];
  private readonly floods = new Map<string, Flood>();
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly bus: Bus) {}

  /** Notes a refusal. Only codes that mean "you may not" or "this cannot be" are told; troubles of ours are not. */
  note(
    error: unknown,
    route: Route,
    from: { request: FastifyRequest; principal: Principal; object?: AuditEvent['object'] },
  ): void {
    const { code } = toWireError(error);
    if (code === 'INTERNAL' || code === 'UNAVAILABLE' || code === 'TIMED_OUT') return;
    const event = this.event(code, route, from);
    const key = [code, route.method, route.path, from.request.ip, from.principal.id].join(' ');
    const flood = this.floods.get(key);
    if (!flood) this.floods.set(key, { event, startedMs: Date.now(), seen: 1 });
    else if (++flood.seen > ONE_BY_ONE) return this.schedule();
    this.waiting.push(event);
    if (this.waiting.length > MAX_WAITING)
      log.warn({ dropped: this.waiting.splice(0, BATCH).length }, 'refusals dropped');
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.closeFloods(Infinity);
    await this.flush();
  }

  private event(
    code: string,
    route: Route,
    { request, principal, object }: Parameters<Refusals['note']>[2],
  ): AuditEvent {
    const userAgent = request.headers['user-agent']?.slice(0, 500);
    return {
      id: newId(),
      at: new Date().toISOString(),
      organisationId: principal.organisationId,
      teamId: principal.teamId,
      actor: {
        kind: principal.kind,
        id: principal.id,
        name: principal.name,
        ...(principal.keyId && { keyId: principal.keyId }),
      },
      action: 'request.refuse',
      object: object ?? { type: 'route', id: `${route.method} ${route.path}` },
      result: 'refused',
      code,
      from: { address: request.ip, ...(userAgent && { userAgent }) },
      requestId: currentContext().requestId ?? request.id,
    };
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.closeFloods(Date.now() - WINDOW_MS);
      this.sending = this.sending.then(() => this.flush());
      if (this.floods.size > 0) this.schedule();
    }, FLUSH_MS);
  }

  /** Turns what went beyond the ten of a minute into one event that carries the count. */
  private closeFloods(startedBeforeMs: number): void {
    for (const [key, flood] of this.floods) {
      if (flood.startedMs > startedBeforeMs) continue;
      this.floods.delete(key);
      const beyond = flood.seen - ONE_BY_ONE;
      if (beyond > 0)
        this.waiting.push({ ...flood.event, id: newId(), at: new Date().toISOString(), count: beyond });
    }
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
