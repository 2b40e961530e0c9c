import { authorize } from '@causeway/authz';
import {
  FrameReplay,
  causewayError,
  isUnreachable,
  listRunEvents,
  runEmitted,
  tenantOf,
} from '@causeway/contracts';
import type { DurableRunEvent, Tenant } from '@causeway/contracts';
import { isFinal } from '@causeway/dag';
import type { RunStatus } from '@causeway/dag';
import { Bus, Cache, SealedKind, Vault, cacheKey, extendContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { SharedFlows } from '../../operations/shared-flows.js';
import { type Call, callerFor } from '../door/call.js';
import { nameRun } from '../answer/name-run.js';
import { CallerStream } from './caller-stream.js';
import { StreamAccess } from './stream-access.js';
import { LiveFrames } from './live-frames.js';

/** How often durable events are read: live frames may be lost, rows are not. */
const LOOK_MS = 1_000;
const PAGE = 500;

/** The last durable event that a reader has. */
interface Position {
  seq: number;
}

/**
 * A run's events as true server-sent events with ids `<seq>.<n>`: durable events (n = 0) are replayed exactly after
 * `Last-Event-ID`; live frames are sent as they happen. For a new reader a message that is being written begins again, with all of its text
 * so far; a `gap` event reports that this text is lost. The stream ends after the run's last event, or with a `refused` event for a
 * reader whose key is revoked.
 */
@Injectable()
export class EventStream {
  constructor(
    private readonly bus: Bus,
    private readonly cache: Cache,
    private readonly vault: Vault,
    private readonly access: StreamAccess,
    private readonly shared: SharedFlows,
  ) {}

  async serve(call: Call, runId: string): Promise<void> {
    const at = positionFrom(call.request.headers['last-event-id']);
    const { run, principal } = await this.shared.findRun(call, runId);
    const acting = callerFor(principal);
    const tenant = tenantOf(acting);
    extendContext({ ...tenant, principal });
    const { projectId, flowId, principalId } = run;
    const object = { type: 'run', id: runId, ...tenant, projectId, flowId, principalId } as const;
    authorize(acting, 'run:read', object);
    nameRun(call, runId);
    const caller = new CallerStream(call.reply);
    if (caller.hasLeft) return;
    caller.open();
    let wake: () => void = () => undefined;
    const frames = new LiveFrames(
      {
        frame: (event, n, data) => {
          write(caller, `${at.seq}.${n}`, `live.${event}`, data);
          if (event === 'end' || event === 'error') wake();
        },
        gap: (missed) => write(caller, undefined, 'gap', { missed }),
      },
      () => this.readReplay(tenant, runId),
    );
    void caller.left.then(() => wake());
    // The subscription begins before anything is read: frames that arrive meanwhile are held back.
    const subscription = this.bus.subscribe(runEmitted, runId, (frame) => frames.take(frame));
    try {
      let isOver = await this.replay(tenant, caller, runId, at);
      if (!isOver) await frames.begin();
      while (!isOver && !caller.hasLeft) {
        caller.write(': \n\n');
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_MS);
          wake = () => (clearTimeout(timer), resolve());
        });
        if (caller.hasLeft) break;
        const end = await this.access.findEnd(call, object);
        if (end) {
          this.access.note(end, call, runId);
          write(caller, undefined, isUnreachable(end) ? 'closed' : 'refused', {
            error: end.message,
            code: end.code,
          });
          break;
        }
        isOver = await this.replay(tenant, caller, runId, at);
      }
    } finally {
      frames.close();
      subscription.unsubscribe();
      caller.close();
    }
  }

  /** Writes the durable events after the position; true when the run is over and all are written. */
  private async replay(tenant: Tenant, caller: CallerStream, runId: string, at: Position): Promise<boolean> {
    for (;;) {
      const { status, items } = await this.bus.request(listRunEvents, {
        ...tenant,
        runId,
        afterSeq: at.seq,
        limit: PAGE,
      });
      for (const event of items) writeEvent(caller, event, at);
      if (items.length < PAGE) return status !== 'unknown' && isFinal(status as RunStatus);
    }
  }

  /** The kept replay of a run; undefined when there is none, or when another release has written it. */
  private async readReplay(
    { organisationId, teamId }: Tenant,
    runId: string,
  ): Promise<FrameReplay | undefined> {
    const sealed = await this.cache.get(cacheKey(organisationId, teamId, 'frames', runId));
    if (sealed === undefined) return undefined;
    try {
      const place = { organisationId, kind: SealedKind.run, id: runId, part: 'frames' };
      return FrameReplay.safeParse(JSON.parse(await this.vault.open(sealed, place))).data;
    } catch {
      return undefined;
    }
  }
}

function writeEvent(
  caller: CallerStream,
  { seq, type, at, path, data }: DurableRunEvent,
  position: Position,
): void {
  if (seq <= position.seq) return;
  position.seq = seq;
  write(caller, `${seq}.0`, type, { at, path, data });
}

function write(caller: CallerStream, id: string | undefined, event: string, data: unknown): void {
  caller.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** @throws CausewayError REQUEST_INVALID for a text that is not the id of an event */
function positionFrom(header: string | string[] | undefined): Position {
  const text = String(header ?? '');
  if (text === '') return { seq: 0 };
  const match = /^(\d{1,9})\.\d{1,15}$/.exec(text);
  if (match) return { seq: Number(match[1]) };
  const problems = `headers.last-event-id: it must be the id of an event, such as 12.0, not ${JSON.stringify(text.slice(0, 50))}`;
  throw causewayError('REQUEST_INVALID', { problems });
}
