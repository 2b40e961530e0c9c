import type { IncomingMessage } from 'node:http';
import { environmentName } from '@causeway/platform';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../../config.js';
import { AccessGuard } from './access.guard.js';
import { setSource } from './body-source.js';
import { decodeBody } from './encoded-body.js';
import { timeBody } from './body-clock.js';
import { findDeclared } from './declared-routes.js';
import { linger } from './linger.js';

/**
 * Nobody's body is read before its route, its caller and their permission are settled. Bodies arrive as bytes, whatever they say they are: each route parses its own, so that a webhook gets what was sent
 * and a flow file is kept as it came. Multipart bodies are streamed.
 */
export async function configureHttp(app: NestFastifyApplication, settings: Settings): Promise<void> {
  for (const type of ['application/json', 'text/plain', '*'])
    app.useBodyParser(type, { bodyLimit: settings.maxBodyBytes }, (_request, body, done) => done(null, body));
  const access = app.get(AccessGuard);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('isForm', false);
  fastify.addContentTypeParser('multipart/form-data', (request, payload, done) => {
    setSource(request, payload);
    done(null);
  });
  fastify.addHook('preParsing', (request, _reply, payload) =>
    decodeBody(request, payload as IncomingMessage),
  );
  fastify.addHook('onRoute', (served) => {
    if (findDeclared(String(served.method), served.url)?.bodyHolds !== 'flow') return;
    served.bodyLimit = settings.maxFlowBytes;
    served.config = { ...served.config, bodyLimitName: environmentName('maxFlowBytes') };
  });
  // As a plugin: after that of CORS, so that pages can read a refusal.
  await app.register(
    rootPlugin((instance) => {
      instance.addHook('onRequest', async (request, reply) => {
        timeBody(await access.enter(request, reply), request, reply, settings);
      });
    }),
  );
  fastify.addHook('onSend', async (request, reply) => linger(request, reply));
}

/** A plugin whose hooks hold for all routes, not only for those that it adds. */
function rootPlugin(add: (instance: FastifyInstance) => void) {
  const plugin = async (instance: FastifyInstance): Promise<void> => add(instance);
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}
