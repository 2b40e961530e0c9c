import { freePort } from './free-port.js';
import type { Server } from './server.js';

/** The messages of Postgres, NATS and Redis for a port that is in use. */
const PORT_TAKEN = /address already in use/i;

/** Starts a server on the requested port, else on a free one, and on another one when a program took that port in between. */
export async function onFreePort(
  wished: number | undefined,
  start: (port: number) => Promise<Server>,
): Promise<Server> {
  if (wished !== undefined) return start(wished);
  try {
    return await start(await freePort());
  } catch (error) {
    if (!(error instanceof Error && PORT_TAKEN.test(error.message))) throw error;
    return start(await freePort());
  }
}
