import {
  callWebhookRoute,
  causewayError,
  deleteWebhookRoute,
  getWebhookRoute,
  putWebhookRoute,
  toWireError,
} from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { SETTINGS, newId } from '@causeway/platform';
import { Controller, Inject } from '@nestjs/common';
import type { Settings } from '../config.js';
import { Answers } from '../operations/answers.js';
import { type NewRun, Submitting } from '../operations/submitting.js';
import { Webhooks } from '../operations/webhooks.js';
import { nameRun } from './answer/name-run.js';
import { decodeText } from './body/body-text.js';
import { readBytes } from './body/run-body.js';
import { type Call, headerOf } from './door/call.js';
import { Serve } from './door/serve.js';

/** A flow's own webhook: an address that runs it without a key. */
@Controller()
export class WebhooksController {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly submitting: Submitting,
    private readonly answers: Answers,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Serve(getWebhookRoute)
  async get(
    { params }: RouteInput<typeof getWebhookRoute>,
    call: Call,
  ): Promise<RouteReply<typeof getWebhookRoute>> {
    return { webhook: await this.webhooks.get(call, params.flowId) };
  }

  @Serve(putWebhookRoute)
  async replace(
    { params, body }: RouteInput<typeof putWebhookRoute>,
    call: Call,
  ): Promise<RouteReply<typeof putWebhookRoute>> {
    const { token, ...shown } = await this.webhooks.replace(call, params.flowId, body.signed);
    return { ...shown, path: callWebhookRoute.path.replace('{token}', token) };
  }

  @Serve(deleteWebhookRoute)
  async end({ params }: RouteInput<typeof deleteWebhookRoute>, call: Call): Promise<void> {
    await this.webhooks.end(call, params.flowId);
  }

  /**
   * The caller is the webhook, which the guard has found by its address. An event that is sent again with its id, or by whoever has recorded it, is the same
   * run: the scheduler's row of the idempotency key decides, which no cache can lose.
   */
  @Serve(callWebhookRoute)
  async call(
    _input: RouteInput<typeof callWebhookRoute>,
    call: Call,
  ): Promise<RouteReply<typeof callWebhookRoute>> {
    const bytes = await readBytes(call, this.settings);
    const id = headerOf(call, 'webhook-id');
    const [timestamp, signature] = [headerOf(call, 'webhook-timestamp'), headerOf(call, 'webhook-signature')];
    const isSigned = await this.webhooks.checkSigned(
      call.principal,
      { id, timestamp, signature },
      bytes,
      Date.now(),
    );
    const body = decodeText(bytes, call.request.headers['content-type'], 'The request body');
    if (body === '') throw causewayError('BODY_EMPTY', { expected: 'the event as JSON or text' });
    const { runId, replayed } = await this.submit(call, {
      runId: newId(),
      flow: this.webhooks.flowOf(call.principal),
      input: { inputType: 'chat', outputType: 'chat', stream: false, webhookBody: body },
      trigger: 'webhook',
      replyTo: this.answers.replyTo,
      live: true,
      ...(isSigned && id !== undefined && { idempotencyKey: id }),
    });
    nameRun(call, runId);
    if (replayed) call.reply.header('idempotent-replay', 'true');
    return { message: 'Task started in the background', status: 'in progress', run_id: runId };
  }

  /** A flow that was deleted a moment ago has no webhook any more, and who calls its address learns nothing else about it. */
  private async submit(call: Call, run: NewRun): ReturnType<Submitting['submit']> {
    try {
      return await this.submitting.submit(call, run);
    } catch (error) {
      if (toWireError(error).code === 'FLOW_UNKNOWN')
        throw causewayError('WEBHOOK_UNKNOWN', {}, { cause: error });
      throw error;
    }
  }
}
