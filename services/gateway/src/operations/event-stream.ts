import { getRun, listRunEvents, runEmitted } from '@causeway/contracts';
import type { DurableRunEvent, RunFrame } from '@causeway/contracts';
import { isFinal } from '@causeway/dag';
import type { RunStatus } from '@causeway/dag';
import { Bus } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Call } from '../http/call.js';
import { tenantOf } from '../http/call.js';
import { nameRun } from '../http/name-run.js';

/** Durable events are looked for so often: live frames may be lost, rows are not. */
const LOOK_MS = 1_000;
const PAGE = 500;
const MAX_WAITING_BYTES = 16 * 1024 ** 2;

/** Where a reader stands: after durable event `seq`, and after live frame `n` behind it. */
interface Position {
  seq: number;
  n: number;
}

/**
 * A run's events as true server-sent events with ids `<seq>.<n>`: durable events (n = 0) are replayed exactly after
 * `Last-Event-ID`; live frames come as they happen and may be missing. Ends after the run's last event.
 */
@Injectable()
export class EventStream {
  constructor(private readonly bus: Bus) {}

  async serve(call: Call, runId: string): Promise<void> {
    const tenant = tenantOf(call);
    await this.bus.request(getRun, { ...tenant, runId });
    nameRun(call, runId);
    const at = positionFrom(call.request.headers['last-event-id']);
    const { raw } = open(call);
    let wake: () => void = () => undefined;
    const subscription = this.bus.subscribe(runEmitted, runId, (frame) => {
      if (writeFrame(raw, frame, at) && frame.event === 'end') wake();
    });
    const closed = new Promise<void>((resolve) => raw.once('close', resolve));
    let left = false;
    void closed.then(() => ((left = true), wake()));
    try {
      while (!left && !(await this.replay(call, raw, runId, at))) {
        raw.write(': \n\n');
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_MS);
          wake = () => (clearTimeout(timer), resolve());
        });
      }
    } finally {
      subscription.unsubscribe();
      raw.end();
    }
  }

  /** Writes the durable events after the position; true when the run is over and all are written. */
  private async replay(call: Call, raw: Call['reply']['raw'], runId: string, at: Position): Promise<boolean> {
    for (;;) {
      const { status, items } = await this.bus.request(listRunEvents, {
        ...tenantOf(call),
        runId,
        afterSeq: at.seq,
        limit: PAGE,
      });
      for (const event of items) writeEvent(raw, event, at);
      if (raw.writableLength > MAX_WAITING_BYTES) raw.destroy();
      if (items.length < PAGE) return status !== 'unknown' && isFinal(status as RunStatus);
    }
  }
}

function open(call: Call): Call['reply'] {
  const { reply } = call;
  reply.hijack();
  const headers = {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  };
  reply.raw.writeHead(200, headers as Record<string, string>);
  reply.raw.flushHeaders();
  return reply;
}

function writeEvent(raw: Call['reply']['raw'], event: DurableRunEvent, at: Position): void {
  if (event.seq <= at.seq) return;
  at.seq = event.seq;
  at.n = 0;
  raw.write(
    `id: ${event.seq}.0\nevent: ${event.type}\ndata: ${JSON.stringify({ at: event.at, path: event.path, data: event.data })}\n\n`,
  );
}

function writeFrame(raw: Call['reply']['raw'], frame: RunFrame, at: Position): boolean {
  if (frame.seq < at.seq || (frame.seq === at.seq && frame.n <= at.n)) return false;
  at.n = frame.n;
  raw.write(`id: ${at.seq}.${frame.n}\nevent: live.${frame.event}\ndata: ${JSON.stringify(frame.data)}\n\n`);
  return true;
}

function positionFrom(header: string | string[] | undefined): Position {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(String(header ?? ''));
  return match ? { seq: Number(match[1]), n: Number(match[2]) } : { seq: 0, n: 0 };
}
