import type { FastifyReply, FastifyRequest } from 'fastify';

/** The rest of a refused body is read and discarded up to this size, so that the caller can read the answer. */
const DRAINED_BYTES = 64 * 1024 ** 2;
/** It is read for at most this time: the connection of a slower caller is closed. */
const DRAIN_MS = 10_000;
const TIMED_OUT = 408;

/**
 * Answers a request whose body is not completely read yet: one that was refused as too large, or in the middle of an upload. A caller that
 * is still writing would lose the answer if the socket closed now. After a short rest the connection serves the next request; after a
 * longer or endless rest it is closed.
 */
export function linger(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = request;
  if (raw.complete || raw.destroyed) return;
  raw.unpipe();
  raw.resume();
  const late = setTimeout(() => raw.complete || raw.destroy(), DRAIN_MS);
  raw.once('close', () => clearTimeout(late));
  // A body without a declared length may be short, too.
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared <= DRAINED_BYTES && reply.statusCode !== TIMED_OUT) {
    reply.removeHeader('connection');
    let drainedBytes = 0;
    raw.on('data', (piece: Buffer) => {
      drainedBytes += piece.length;
      if (drainedBytes > DRAINED_BYTES) raw.destroy();
    });
    return;
  }
  reply.header('connection', 'close');
  reply.raw.once('finish', () => raw.destroy());
}
