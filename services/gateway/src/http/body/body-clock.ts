import { causewayError } from '@causeway/contracts';
import type { Route } from '@causeway/contracts';
import { environmentName } from '@causeway/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../../config.js';

/**
 * Ends a request whose body does not arrive. A body that is kept in memory has a limit for the whole body; an upload may take
 * any time, but may not pause longer than its limit. The reader of the body gets BODY_TIMED_OUT from it.
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
    // If received bytes wait to be read, the gateway is slow and not the caller.
    if (isUpload && (raw.socket.bytesRead !== seenBytes || raw.readableLength > 0)) {
      seenBytes = raw.socket.bytesRead;
      return;
    }
    clearInterval(timer);
    const error = causewayError('BODY_TIMED_OUT', { limitName, limitMs });
    // Without a reader no handler could answer, so the connection is closed.
    if (raw.listenerCount('error') > 0) raw.emit('error', error);
    else raw.destroy();
  }, limitMs);
  reply.raw.once('close', () => clearInterval(timer));
}

/** Whether a request's headers announce a body. */
export function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
