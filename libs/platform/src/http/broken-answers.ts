import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { enterContext } from '../context/context.js';
import { log } from '../logging/log.js';
import { contextOf } from './request-context.js';

/**
 * Logs an answer that breaks off because its source fails. Its status and headers are already sent, so the answer cannot report
 * the error: the connection is broken instead, so that no caller treats the part as complete. It does not log callers who disconnect.
 */
export function noteBrokenAnswers(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (payload instanceof Readable)
      payload.once('error', (error) => {
        const context = contextOf(request);
        // A failure before the first byte is answered and logged like any other.
        if (!reply.raw.headersSent || reply.raw.destroyed || !context) return;
        const fields = { method: request.method, route: request.routeOptions.url ?? 'unknown' };
        enterContext(context, () => log.failure(error, 'answer broken off', fields));
      });
    done();
  });
}
