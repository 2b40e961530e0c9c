import multipart from '@fastify/multipart';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '../config.js';
import { findDeclared } from './declared-routes.js';
import { linger } from './linger.js';

/**
 * Bodies arrive as bytes, whatever they say they are: each route parses its own, so that a webhook gets what was sent
 * and a flow file is kept as it came. Multipart bodies are streamed.
 */
export async function configureHttp(app: NestFastifyApplication, settings: Settings): Promise<void> {
  await app.register(multipart, {
    limits: { fileSize: settings.maxFileBytes, files: 1, fields: 20, fieldSize: settings.maxBodyBytes },
  });
  for (const type of ['application/json', 'text/plain', '*'])
    app.useBodyParser(type, { bodyLimit: settings.maxBodyBytes }, (_request, body, done) => done(null, body));
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (served) => {
    if (findDeclared(String(served.method), served.url)?.bodyHolds !== 'flow') return;
    served.bodyLimit = settings.maxFlowBytes;
    served.config = { ...served.config, bodyLimitName: 'maxFlowBytes' };
  });
  fastify.addHook('onSend', async (request, reply) => linger(request, reply));
}
