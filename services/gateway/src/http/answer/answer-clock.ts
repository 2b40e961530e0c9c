import type { FastifyReply } from 'fastify';

/**
 * Ends the connection of a caller who takes nothing of an answer for so long: what waits for them is in memory, or holds a file open.
 * While nothing waits it is this side that has nothing to give yet, and that has no limit here.
 */
export function timeAnswer({ raw }: FastifyReply, idleMs: number): void {
  const { socket } = raw;
  // The socket counts as active when a part of a long piece was taken, too.
  raw.setTimeout(idleMs, () => {
    if (raw.writableLength > 0) raw.destroy();
    else socket?.setTimeout(idleMs);
  });
  // Node sets the time of an idle connection by itself, but not when the next request has come already.
  raw.once('close', () => {
    if (socket?.timeout === idleMs) socket.setTimeout(0);
  });
}
