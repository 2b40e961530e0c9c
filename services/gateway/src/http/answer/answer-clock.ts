import type { FastifyReply } from 'fastify';

/**
 * Ends the connection of a caller who takes nothing of an answer for so long: what waits for them is in memory, or holds a file open.
 * While nothing waits it is this side that has nothing to give yet, and that has no limit here.
 */
export function timeAnswer({ raw }: FastifyReply, idleMs: number): void {
  // The socket counts as active when a part of a long piece was taken, too. A pipelined answer gets its socket later.
  raw.setTimeout(idleMs, () => {
    if (raw.writableLength > 0) raw.destroy();
    else raw.socket?.setTimeout(idleMs);
  });
  // Before Node handles the end of the answer: it then sets the time of an idle connection, unless the next request has come already.
  raw.prependOnceListener('finish', () => raw.socket?.setTimeout(0));
}
