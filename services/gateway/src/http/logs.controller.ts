import { causewayError, logsRoute, logsStreamRoute } from '@causeway/contracts';
import type { RouteInput, RouteReply } from '@causeway/contracts';
import { SETTINGS } from '@causeway/platform';
import { Controller, Inject } from '@nestjs/common';
import type { Settings } from '../config.js';
import { CallerStream } from './stream/caller-stream.js';
import { RecentLog } from '../operations/recent-log.js';
import type { Call } from './door/call.js';
import { Serve } from './door/serve.js';

/** An idle stream sends `keepalive` this often, as in Langflow. */
const KEEPALIVE_MS = 5_000;
const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/**
 * Log lines in Langflow's shape. Langflow's client sends no key here, so the routes answer only where the setting
 * `logAccess` allows it, and only to callers on this machine.
 */
@Controller()
export class LogsController {
  constructor(
    private readonly recent: RecentLog,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Serve(logsRoute)
  list({ query }: RouteInput<typeof logsRoute>, call: Call): RouteReply<typeof logsRoute> {
    this.checkAccess(call);
    const { timestamp, lines_before: before, lines_after: after } = query;
    if (before !== undefined && after !== undefined)
      throw causewayError('REQUEST_INVALID', {
        problems: 'query: lines_before and lines_after exclude each other',
      });
    if (after !== undefined && timestamp === undefined)
      throw causewayError('REQUEST_INVALID', { problems: 'query: lines_after needs a timestamp' });
    return Object.fromEntries(
      this.recent.around(timestamp, { before, after }).map(({ at, text }) => [String(at), text]),
    );
  }

  @Serve(logsStreamRoute)
  async stream(_input: RouteInput<typeof logsStreamRoute>, call: Call): Promise<void> {
    this.checkAccess(call);
    const caller = new CallerStream(call.reply);
    caller.open();
    caller.beat('keepalive\n', KEEPALIVE_MS);
    const unfollow = this.recent.follow(({ at, text }) =>
      caller.write(`${JSON.stringify({ [String(at)]: text })}\n`),
    );
    await caller.left;
    unfollow();
  }

  private checkAccess(call: Call): void {
    // The socket's own address is used, and forwarded requests are refused: behind a proxy on this machine, remote callers have its loopback address.
    const isLocal =
      loopback.has(call.request.socket.remoteAddress ?? '') &&
      call.request.headers['x-forwarded-for'] === undefined;
    if (this.settings.logAccess === 'loopback' && isLocal) return;
    throw causewayError('LOGS_OFF', {});
  }
}
