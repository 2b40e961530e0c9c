import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { enterContext } from '../context/context.js';
import { log } from '../logging/log.js';
import { contextOf } from './request-context.js';

/**
 * Logs an answer that breaks off on its way because what it is read from fails. Its status and headers are gone by then, so nothing in it can
 * tell: the connection is broken, and no caller takes the part for the whole. A caller who leaves breaks off nothing.
 */
export function noteBrokenAnswers(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (payload instanceof Readable)
      payload.once('error', (error) => {
        const context = contextOf(request);
        // Before its first byte it is answered, and logged, as any other failure.
        if (!reply.raw.headersSent || reply.raw.destroyed || !context) return;
        const fields = { method: request.method, route: request.routeOptions.url ?? 'unknown' };
        enterContext(context, () => log.failure(error, 'answer broken off', fields));
      });
    done();
  });
}
