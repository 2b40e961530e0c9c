import type { FastifyReply, FastifyRequest } from 'fastify';

/** What is left of a refused body is read and thrown away up to this size, so that the caller reads the answer. */
const DRAINED_BYTES = 64 * 1024 ** 2;
/** And for this long: who sends no faster loses the connection. */
const DRAIN_MS = 10_000;
const TIMED_OUT = 408;

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
  const late = setTimeout(() => raw.complete || raw.destroy(), DRAIN_MS);
  raw.once('close', () => clearTimeout(late));
  if (declared <= DRAINED_BYTES && reply.statusCode !== TIMED_OUT) {
    reply.removeHeader('connection');
    return;
  }
  reply.header('connection', 'close');
  reply.raw.once('finish', () => raw.destroy());
}
