import type { IncomingMessage } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../../config.js';
import { AccessGuard } from './access.guard.js';
import { setSource } from '../body/body-source.js';
import { declaredBytes, decodeBody } from '../body/encoded-body.js';
import { hasBody, timeBody } from '../body/body-clock.js';
import { counted } from '../body/counted.js';
import { findCall } from './call.js';
import { findDeclared } from './declared-routes.js';
import { limitOf } from '../body/limits.js';
import { linger } from '../body/linger.js';

/**
 * Nobody's body is read before its route, its caller and their permission are settled. Bodies arrive as bytes, whatever they say they
 * are: each route parses its own, so that a webhook gets what was sent and a flow file is kept as it came. Multipart bodies are streamed.
 * Whatever of a body is kept in memory is counted in `CallMemory`.
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
  fastify.addHook('preParsing', async (request, _reply, payload) => {
    const body = await decodeBody(request, payload as IncomingMessage);
    const call = findCall(request);
    // An upload goes on to the object store; what is kept of one is counted by whoever keeps it.
    if (!call || call.route.bodyKind === 'multipart' || !hasBody(request)) return body;
    const declared = declaredBytes(request);
    if (declared === undefined) return counted(body, (bytes) => call.memory.addBody(bytes));
    // What is longer is refused before it is read.
    if (declared <= (request.routeOptions.bodyLimit ?? settings.maxBodyBytes)) call.memory.addBody(declared);
    return body;
  });
  fastify.addHook('onRoute', (served) => {
    const holds = findDeclared(String(served.method), served.url)?.bodyHolds;
    if (holds === undefined) return;
    const { limitBytes, limitName } = limitOf(
      settings,
      holds === 'prompt' ? 'maxPromptBytes' : 'maxFlowBytes',
    );
    served.bodyLimit = limitBytes;
    served.config = { ...served.config, bodyLimitName: limitName };
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
