import type { IncomingMessage } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../../config.js';
import { AccessGuard } from './access.guard.js';
import { setSource } from '../body/body-source.js';
import { decodeBody } from '../body/encoded-body.js';
import { hasBody, timeBody } from '../body/body-clock.js';
import { BodyMemory, counted } from '../body/body-memory.js';
import { findCall } from './call.js';
import { findDeclared } from './declared-routes.js';
import { limitOf } from '../body/limits.js';
import { linger } from '../body/linger.js';

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
  const memory = new BodyMemory(settings);
  fastify.addHook('preParsing', async (request, reply, payload) => {
    const body = await decodeBody(request, payload as IncomingMessage);
    const call = findCall(request);
    // An upload goes on to the object store, or is counted by who keeps it.
    if (!call || call.route.bodyKind === 'multipart' || !hasBody(request)) return body;
    const key = call.principal.keyId ?? call.principal.id;
    const count = (bytes: number): void => memory.add(request, reply, key, bytes);
    const declared = Number(request.headers['content-length']);
    if (body !== payload || Number.isNaN(declared)) return counted(body, count);
    if (declared <= (request.routeOptions.bodyLimit ?? settings.maxBodyBytes)) count(declared);
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
