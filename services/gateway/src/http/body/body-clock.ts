import { causewayError } from '@causeway/contracts';
import type { Route } from '@causeway/contracts';
import { environmentName } from '@causeway/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../../config.js';

type Limits = Pick<Settings, 'bodyTimeoutMs' | 'uploadIdleMs' | 'uploadMinBytesPerS'>;

/**
 * Ends a request whose body does not arrive. A body that is kept in memory has a limit for the whole body; an upload may take
 * any time, but may not pause longer than its limit or be slower than its least speed. The reader of the body gets
 * BODY_TIMED_OUT or UPLOAD_TOO_SLOW from it.
 */
export function timeBody(route: Route, request: FastifyRequest, reply: FastifyReply, limits: Limits): void {
  if (!hasBody(request)) return;
  const isUpload = route.bodyKind === 'multipart';
  const limitMs = limits[isUpload ? 'uploadIdleMs' : 'bodyTimeoutMs'];
  const { raw } = request;
  let seenBytes = raw.socket.bytesRead;
  const timer = setInterval(() => {
    if (raw.complete || raw.destroyed) return clearInterval(timer);
    const bytes = raw.socket.bytesRead - seenBytes;
    seenBytes += bytes;
    const isFast = bytes > 0 && bytes >= (limits.uploadMinBytesPerS * limitMs) / 1000;
    // If received bytes wait to be read, the gateway is slow and not the caller.
    if (isUpload && (isFast || raw.readableLength > 0)) return;
    clearInterval(timer);
    const error = isUpload && bytes > 0 ? tooSlow(limits) : timedOut(isUpload, limitMs);
    // Without a reader no handler could answer, so the connection is closed.
    if (raw.listenerCount('error') > 0) raw.emit('error', error);
    else raw.destroy();
  }, limitMs);
  reply.raw.once('close', () => clearInterval(timer));
}

function timedOut(isUpload: boolean, limitMs: number): Error {
  const limitName = environmentName(isUpload ? 'uploadIdleMs' : 'bodyTimeoutMs');
  return causewayError('BODY_TIMED_OUT', { limitName, limitMs });
}

function tooSlow({ uploadMinBytesPerS, uploadIdleMs }: Limits): Error {
  return causewayError('UPLOAD_TOO_SLOW', {
    limitBytesPerS: uploadMinBytesPerS,
    seconds: uploadIdleMs / 1000,
    limitName: environmentName('uploadMinBytesPerS'),
  });
}

/** Whether a request's headers announce a body. */
export function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
