import { causewayError, runFlow, runWebhook, tenantOf } from '@causeway/contracts';
import type { ExecutionState, RouteInput, RouteReply, RunInput } from '@causeway/contracts';
import { CausewayError } from '@causeway/dag';
import { Payloads, SETTINGS, newId, waitAtMost } from '@causeway/platform';
import { Controller, Inject } from '@nestjs/common';
import type { Settings } from '../config.js';
import { preferenceFrom, requestVariables, runInputFrom } from '../domain/run-request.js';
import { Answers } from '../operations/answers.js';
import { BareStream } from './stream/bare-stream.js';
import { Submitting } from '../operations/submitting.js';
import type { NewRun } from '../operations/submitting.js';
import { countAnswer } from './answer/count-answer.js';
import { type Call, headerOf } from './door/call.js';
import { checkPageInput } from './door/page-keys.js';
import { nameRun } from './answer/name-run.js';
import { readRaw, readRunForm } from './body/run-body.js';
import { Serve } from './door/serve.js';

const MAX_KEY_LENGTH = 255;

/** Starts runs and waits for them, streams them, or leaves them to continue in the background. */
@Controller()
export class RunController {
  constructor(
    private readonly submitting: Submitting,
    private readonly answers: Answers,
    private readonly payloads: Payloads,
    private readonly bareStream: BareStream,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Serve(runFlow)
  async run(
    { params, query, body }: RouteInput<typeof runFlow>,
    call: Call,
  ): Promise<RouteReply<typeof runFlow>> {
    const { request } = call;
    const form = request.isForm ? await readRunForm(call, this.settings) : body;
    const input = runInputFrom(form, request.headers, query.stream);
    checkPageInput(call.principal, input);
    const preference = preferenceFrom(headerOf(call, 'prefer'), query.wait);
    const mayLeave = preference.async || preference.waitMs !== undefined;
    const run = { ...this.newRun(call, input, 'api'), flow: params.flow, live: mayLeave };

    if (query.stream) return (await this.bareStream.serve(call, run)) as never;
    if (preference.async) {
      const { runId } = await this.submitting.submit(call, run);
      return accepted(call, runId);
    }
    return this.waitFor(call, run, preference.waitMs);
  }

  @Serve(runWebhook)
  async webhook(
    { params }: RouteInput<typeof runWebhook>,
    call: Call,
  ): Promise<RouteReply<typeof runWebhook>> {
    const body = await readRaw(call, this.settings);
    if (body === '') throw causewayError('BODY_EMPTY', { expected: 'the event as JSON or text' });
    const variables = requestVariables(call.request.headers);
    const input: RunInput = {
      inputType: 'chat',
      outputType: 'chat',
      stream: false,
      webhookBody: body,
      ...(Object.keys(variables).length > 0 && { variables }),
    };
    const run = { ...this.newRun(call, input, 'webhook'), flow: params.flow, live: true };
    const { runId } = await this.submitting.submit(call, run);
    nameRun(call, runId);
    return { message: 'Task started in the background', status: 'in progress', run_id: runId };
  }

  private newRun(call: Call, input: RunInput, trigger: NewRun['trigger']): Omit<NewRun, 'flow'> {
    const idempotencyKey = headerOf(call, 'idempotency-key');
    if (idempotencyKey !== undefined && (idempotencyKey === '' || idempotencyKey.length > MAX_KEY_LENGTH))
      throw causewayError('REQUEST_INVALID', {
        problems: `headers.idempotency-key: 1 to ${MAX_KEY_LENGTH} characters`,
      });
    return {
      runId: newId(),
      input,
      trigger,
      replyTo: this.answers.replyTo,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    };
  }

  private async waitFor(
    call: Call,
    run: NewRun,
    waitMs: number | undefined,
  ): Promise<RouteReply<typeof runFlow>> {
    let waiting = this.answers.wait(tenantOf(call), run.runId);
    try {
      const { runId, replayed } = await this.submitting.submit(call, run);
      nameRun(call, runId);
      if (replayed) {
        waiting.stop();
        waiting = this.answers.follow(tenantOf(call), runId);
        call.reply.header('idempotent-replay', 'true');
      }
      const ended = Promise.race([waiting.answer, leaving(call)]);
      const state = await (waitMs === undefined ? ended : waitAtMost(ended, waitMs));
      if (state) return await this.answer(call, state);
      return accepted(call, runId, waitMs ? await this.answers.statusOf(runId) : undefined);
    } finally {
      waiting.stop();
    }
  }

  private async answer(call: Call, state: ExecutionState): Promise<RouteReply<typeof runFlow>> {
    if (state.status !== 'succeeded' || !state.result) throw failureOf(state);
    const text = await this.payloads.load(state.result, call.tenant.organisationId);
    const bytes = Buffer.from(text);
    countAnswer(call, bytes.length);
    call.reply.header('content-type', 'application/json; charset=utf-8');
    // The executor wrote the answer as JSON text in Langflow's shape: it is sent unchanged.
    return bytes as never;
  }
}

/** The error of a run that did not succeed. */
function failureOf(state: ExecutionState): CausewayError {
  const { code = 'INTERNAL', message = 'The run did not succeed.', ...where } = state.error ?? {};
  return new CausewayError(code, message, { details: { ...where, runId: state.runId } });
}

/** Settles when the caller has left: the gateway then stops waiting, and the run continues. */
function leaving({ reply: { raw } }: Call): Promise<undefined> {
  return new Promise((resolve) => {
    if (raw.destroyed) resolve(undefined);
    else raw.once('close', () => resolve(undefined));
  });
}

function accepted(call: Call, runId: string, status = 'queued'): RouteReply<typeof runFlow> {
  nameRun(call, runId);
  const self = `/api/platform/v1/runs/${runId}`;
  call.reply.status(202).header('location', self);
  return {
    run_id: runId,
    status,
    links: { self, events: `${self}/events`, cancel: `${self}/cancel` },
  };
}
