import { STOP_GRACE_MS } from './service-process.js';

const LAST_PORT = 65_535;
/** After its drain a service needs some seconds for the rest of its shutdown. */
const MOST_DRAIN_MS = STOP_GRACE_MS - 5_000;

/** Settings for which each service needs its own value, and what to set instead. */
const OF_ONE_SERVICE: Readonly<Record<string, string>> = {
  CAUSEWAY_DATABASE_URL:
    'npm start makes an address for each service; for a Postgres of your own set CAUSEWAY_POSTGRES_URL',
  CAUSEWAY_RUNNER_SIGNING_KEY: 'npm start makes a key for the runners',
  CAUSEWAY_SIGNING_KEY:
    'npm start makes a key for each service; for services elsewhere add their public keys with CAUSEWAY_TRUSTED_KEYS',
};

/** @throws Error for a setting that npm start cannot use and would otherwise ignore */
export function refuseServiceSettings(environment: NodeJS.ProcessEnv): void {
  for (const [name, remedy] of Object.entries(OF_ONE_SERVICE))
    if (environment[name]) throw new Error(`${name} is set, but ${remedy}; unset ${name}`);
  const drainMs = Number(environment['CAUSEWAY_DRAIN_TIMEOUT_MS'] || 0);
  if (drainMs > MOST_DRAIN_MS)
    throw new Error(
      `CAUSEWAY_DRAIN_TIMEOUT_MS is ${drainMs}, but npm start ends a service ${STOP_GRACE_MS / 1000} s after it was asked to stop: set at most ${MOST_DRAIN_MS}`,
    );
}

/**
 * The first service's port of /health, /ready and /metrics; each further one has the next. Undefined when the services may use any port.
 *
 * @throws Error that names the variable when it is not a port, or when too few ports follow it
 */
export function findInternalPort(environment: NodeJS.ProcessEnv): number | undefined {
  const text = environment['CAUSEWAY_INTERNAL_PORT'];
  if (!text || text === '0') return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= LAST_PORT - 100) return port;
  throw new Error(
    `CAUSEWAY_INTERNAL_PORT is "${text}": set it to a port up to ${LAST_PORT - 100}; each service has the next one`,
  );
}
