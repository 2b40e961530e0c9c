import type { IncomingMessage } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../../config.js';
import { timeAnswer } from '../answer/answer-clock.js';
import { AccessGuard } from './access.guard.js';
import { setSource } from '../body/body-source.js';
import { declaredBytes, decodeBody } from '../body/encoded-body.js';
import { hasBody, timeBody } from '../body/body-clock.js';
import { counted } from '../body/counted.js';
import { findCall, getCall, keyOf } from './call.js';
import { findDeclared } from './declared-routes.js';
import { limitOf } from '../body/limits.js';
import { linger } from '../body/linger.js';
import './public-origin.js';
import { Uploads } from './uploads.js';

/**
 * No body is read before its route, its caller and their permission are checked. Bodies arrive as bytes, whatever their content type: each
 * route parses its own, so that a webhook gets the bytes that were sent and a flow file is kept unchanged. Multipart bodies are streamed.
 * The bytes of a body that are kept in memory are counted in `CallMemory`.
 */
export async function configureHttp(app: NestFastifyApplication, settings: Settings): Promise<void> {
  for (const type of ['application/json', 'text/plain', '*'])
    app.useBodyParser(type, { bodyLimit: settings.maxBodyBytes }, (_request, body, done) => done(null, body));
  const access = app.get(AccessGuard);
  const uploads = new Uploads(settings.maxUploadsPerKey);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.decorateRequest('isForm', false);
  fastify.decorate('publicOrigin', settings.publicUrl && new URL(settings.publicUrl).origin);
  fastify.addContentTypeParser('multipart/form-data', (request, payload, done) => {
    setSource(request, payload);
    done(null);
  });
  fastify.addHook('preParsing', async (request, _reply, payload) => {
    const body = await decodeBody(request, payload as IncomingMessage);
    const call = findCall(request);
    // An upload is streamed to the object store; code that keeps it in memory counts it itself.
    if (!call || call.route.bodyKind === 'multipart' || !hasBody(request)) return body;
    const declared = declaredBytes(request);
    if (declared === undefined) return counted(body, (bytes) => call.memory.body.add(bytes));
    // A longer body is refused before it is read.
    if (declared <= (request.routeOptions.bodyLimit ?? settings.maxBodyBytes)) call.memory.body.add(declared);
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
  // Registered as a plugin after the one for CORS, so that web pages can read a refusal.
  await app.register(
    rootPlugin((instance) => {
      instance.addHook('onRequest', async (request, reply) => {
        const route = await access.enter(request, reply);
        if (route.bodyKind === 'multipart' && hasBody(request)) uploads.begin(keyOf(getCall(request)), reply);
        timeBody(route, request, reply, settings);
      });
    }),
  );
  fastify.addHook('onSend', async (request, reply) => {
    linger(request, reply);
    timeAnswer(reply, settings.answerIdleMs);
  });
}

/** A plugin whose hooks apply to all routes, not only to those that it adds. */
function rootPlugin(add: (instance: FastifyInstance) => void) {
  const plugin = async (instance: FastifyInstance): Promise<void> => add(instance);
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}
