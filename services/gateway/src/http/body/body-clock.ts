import { causewayError } from '@causeway/contracts';
import type { Route } from '@causeway/contracts';
import { environmentName } from '@causeway/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../../config.js';

/**
 * Ends a request whose body does not arrive. A body that is kept in memory has a time for all of it; an upload may take as
 * long as it likes, but may not stand still. Whoever reads the body gets BODY_TIMED_OUT from it.
 */
export function timeBody(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  settings: Pick<Settings, 'bodyTimeoutMs' | 'uploadIdleMs'>,
): void {
  if (!hasBody(request)) return;
  const isUpload = route.bodyKind === 'multipart';
  const setting = isUpload ? 'uploadIdleMs' : 'bodyTimeoutMs';
  const limitMs = settings[setting];
  const limitName = environmentName(setting);
  const { raw } = request;
  let seenBytes = raw.socket.bytesRead;
  const timer = setInterval(() => {
    if (raw.complete || raw.destroyed) return clearInterval(timer);
    // What has arrived and waits to be read is our own slowness.
    if (isUpload && (raw.socket.bytesRead !== seenBytes || raw.readableLength > 0)) {
      seenBytes = raw.socket.bytesRead;
      return;
    }
    clearInterval(timer);
    const error = causewayError('BODY_TIMED_OUT', { limitName, limitMs });
    // Without a reader there is nobody who could answer.
    if (raw.listenerCount('error') > 0) raw.emit('error', error);
    else raw.destroy();
  }, limitMs);
  reply.raw.once('close', () => clearInterval(timer));
}

/** Whether a request says that a body comes with it. */
export function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
