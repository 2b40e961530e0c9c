import { freePort } from './free-port.js';
import type { Server } from './server.js';

/** What Postgres, NATS and Redis say of a port that somebody has. */
const PORT_TAKEN = /address already in use/i;

/** Starts a server on the wished port, else on a free one; and on another one when somebody took that in between. */
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
