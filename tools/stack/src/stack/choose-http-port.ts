import { findPortProblem, freePort } from '../servers/free-port.js';
import type { Say } from '../servers/start-servers.js';

const USUAL_PORT = 7860;

/**
 * Chooses the gateway's port: the one that CAUSEWAY_HTTP_PORT names, else the last one, else 7860. When the last two are taken, it chooses
 * another one and says so.
 *
 * @param wanted  value of CAUSEWAY_HTTP_PORT
 * @param last    the port of the last start
 * @throws        Error that names the variable when it is not a port, or one that cannot be used
 */
export async function chooseHttpPort(
  wanted: string | undefined,
  host: string,
  say: Say,
  last?: number,
): Promise<number> {
  const port = wanted ? parsePort(wanted) : (last ?? USUAL_PORT);
  const problem = await findPortProblem(port, host);
  if (problem === undefined) return port === 0 ? freePort() : port;
  if (wanted)
    throw new Error(`CAUSEWAY_HTTP_PORT is ${port}, and that port ${problem}: choose another, or unset it`);
  const another = await freePort();
  say(`Port ${port} ${problem}, so port ${another} is used; to choose another one, set CAUSEWAY_HTTP_PORT`);
  return another;
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new Error(`CAUSEWAY_HTTP_PORT is "${text}": set it to a port, a whole number up to 65535`);
}
