import type { OwnedObject } from '@causeway/authz';
import { actorOf, cancelRun, isUnreachable, runEmitted, tenantOf } from '@causeway/contracts';
import type { ExecutionState, RunFrame } from '@causeway/contracts';
import { CausewayError, isPlainObject } from '@causeway/dag';
import { Bus, Payloads, log, withContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Call } from '../door/call.js';
import { nameRun } from '../answer/name-run.js';
import { Answers } from '../../operations/answers.js';
import { CallerStream } from './caller-stream.js';
import { StreamAccess } from './stream-access.js';
import { Submitting } from '../../operations/submitting.js';
import type { NewRun } from '../../operations/submitting.js';

/** A blank line is sent this often, so that proxies do not close an idle stream. */
const HEARTBEAT_MS = 15_000;
/** How often the caller's permission to listen is checked again. */
const LOOK_MS = 1_000;

/**
 * Langflow's stream: bare `{"event","data"}` objects, a blank line between. Its client cannot take a message back, so after
 * a takeover, or when frames were lost, messages are sent only when they are complete. When the caller disconnects or may not listen any
 * longer, the run is cancelled: it was for that caller alone.
 */
@Injectable()
export class BareStream {
  constructor(
    private readonly bus: Bus,
    private readonly answers: Answers,
    private readonly submitting: Submitting,
    private readonly payloads: Payloads,
    private readonly access: StreamAccess,
  ) {}

  /** Submits and streams; settles when the stream is closed. Refusals before the first byte are ordinary errors. */
  async serve(call: Call, run: NewRun): Promise<void> {
    const caller = new CallerStream(call.reply);
    // A caller who disconnects while the request is being read starts no run.
    if (caller.hasLeft) return;
    const frames = new FrameWriter(caller);
    const listen = (runId: string) => this.bus.subscribe(runEmitted, runId, (frame) => frames.take(frame));
    let subscription = listen(run.runId);
    let waiting = this.answers.wait(tenantOf(call), run.runId);
    let access: ReturnType<typeof this.watch> | undefined;
    try {
      const input = { ...run.input, stream: true };
      const { runId, replayed, flow } = await this.submitting.submit(call, { ...run, input });
      const { id, projectId } = flow;
      access = this.watch(call, { type: 'flow', id, projectId, ...tenantOf(call) });
      if (replayed) {
        // The run of this Idempotency-Key existed before, so the beginnings of its current messages are lost.
        subscription.unsubscribe();
        waiting.stop();
        frames.silence();
        subscription = listen(runId);
        waiting = this.answers.follow(tenantOf(call), runId);
        call.reply.header('idempotent-replay', 'true');
      }
      nameRun(call, runId);
      frames.open();
      const state = await Promise.race([waiting.answer, caller.left, access.end]);
      if (state instanceof CausewayError) {
        // Nothing comes after the error, while the run is being cancelled either.
        subscription.unsubscribe();
        this.access.note(state, call, runId);
        frames.write('error', { error: state.message, code: state.code, run_id: runId });
      } else if (state) return await this.end(call, frames, state);
      // When auth cannot be asked, nobody has refused the caller, who can get the answer later.
      if (!replayed && !isUnreachable(state)) await this.cancel(call, runId);
    } finally {
      subscription.unsubscribe();
      waiting.stop();
      access?.stop();
      frames.close();
    }
  }

  private async end(call: Call, frames: FrameWriter, state: ExecutionState): Promise<void> {
    if (state.status !== 'succeeded' || !state.result) {
      const { code = 'INTERNAL', message = 'The run did not succeed.' } = state.error ?? {};
      return frames.write('error', { error: message, code, run_id: state.runId });
    }
    const result = await this.payloads.load(state.result, call.tenant.organisationId);
    frames.writeText(`{"event":"end","data":{"result":${result}}}\n\n`);
  }

  /** Settles with the error that says why the caller may not listen any longer. */
  private watch(call: Call, flow: OwnedObject): { end: Promise<CausewayError>; stop: () => void } {
    let settle: (end: CausewayError) => void = () => undefined;
    const end = new Promise<CausewayError>((resolve) => (settle = resolve));
    const look = async (): Promise<void> => {
      const found = await this.access.findEnd(call, flow);
      if (found) settle(found);
    };
    const timer = setInterval(
      () => void look().catch((error: unknown) => log.failure(error, 'key of a stream not checked')),
      LOOK_MS,
    );
    return { end, stop: () => clearInterval(timer) };
  }

  private async cancel(call: Call, runId: string): Promise<void> {
    // Whoever may start a run may leave it, also without the permission to cancel other runs.
    await withContext({ principal: undefined }, () =>
      this.bus.request(cancelRun, { ...tenantOf(call), ...actorOf(call), runId }),
    ).catch((error: unknown) => log.failure(error, 'run of a disconnected caller not cancelled'));
  }
}

/** Writes frames to the caller, in order. */
class FrameWriter {
  private early: RunFrame[] | undefined = [];
  private epoch = 0;
  private n = 0;
  private silenced = false;

  constructor(private readonly caller: CallerStream) {}

  open(): void {
    this.caller.open();
    this.caller.beat('\n', HEARTBEAT_MS);
    const early = this.early ?? [];
    this.early = undefined;
    for (const frame of early) this.take(frame);
  }

  /** From now on sends messages only when they are complete. */
  silence(): void {
    this.silenced = true;
  }

  take(frame: RunFrame): void {
    if (this.early) return void this.early.push(frame);
    if (frame.epoch < this.epoch) return;
    const isTakeover = this.epoch !== 0 && frame.epoch > this.epoch;
    // A missing piece cannot be sent later.
    const isLost = !isTakeover && frame.n !== this.n + 1;
    if (isTakeover || isLost) this.silenced = true;
    this.epoch = frame.epoch;
    this.n = frame.n;
    if (isNotTold(frame) || (this.silenced && isPartOfMessage(frame))) return;
    this.write(frame.event, frame.data);
  }

  write(event: string, data: unknown): void {
    this.writeText(`${JSON.stringify({ event, data })}\n\n`);
  }

  writeText(text: string): void {
    this.caller.write(text);
  }

  close(): void {
    if (!this.early) this.caller.close();
  }
}

/**
 * True for frames that this stream does not send. A node's result is sent only in the events of the run, as in Langflow. The last
 * frame is not sent either: the end is written from the answer instead, so that it is never lost. A failure's chat message is sent.
 */
function isNotTold({ event, data }: RunFrame): boolean {
  if (event === 'error') return !(isPlainObject(data) && 'text_key' in data);
  return event === 'end' || event === 'end_vertex';
}

function isPartOfMessage(frame: RunFrame): boolean {
  if (frame.event === 'token') return true;
  const properties = (frame.data as { properties?: { state?: string } } | null)?.properties;
  return frame.event === 'add_message' && properties?.state === 'partial';
}
