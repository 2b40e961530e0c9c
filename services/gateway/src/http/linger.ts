import type { FastifyReply, FastifyRequest } from 'fastify';

/** What is left of a refused body is read and thrown away up to this size, so that the caller reads the answer. */
const DRAINED_BYTES = 64 * 1024 ** 2;

/**
 * Answers a request whose body is not all read yet: refused as too large, or in the middle of an upload. A caller who still writes
 * would lose the answer if the socket closed now. The connection then serves the next request; a longer or endless rest costs it.
 */
export function linger(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = request;
  if (raw.complete || raw.destroyed) return;
  const declared = Number(request.headers['content-length'] ?? Infinity);
  raw.unpipe();
  raw.resume();
  if (declared <= DRAINED_BYTES) {
    reply.removeHeader('connection');
    return;
  }
  reply.header('connection', 'close');
  reply.raw.once('finish', () => raw.destroy());
}
