import { setTimeout as sleep } from 'node:timers/promises';
import { log } from '../logging/log.js';
import { isConnectionError } from './connection-errors.js';

const TRY_AGAIN_MS = 1_000;
const LIMIT_MS = 45_000;

/**
 * Calls `act` and repeats it while Postgres is unreachable: a service that starts at the same time as Postgres, or on a busy machine,
 * waits instead of ending. `act` may run several times.
 *
 * @throws any error that is not a connection error at once; the last connection error after 45 s
 */
export async function onceReachable<T>(
  act: () => Promise<T>,
  { limitMs = LIMIT_MS, tryAgainMs = TRY_AGAIN_MS } = {},
): Promise<T> {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isConnectionError(error) || performance.now() > untilMs) throw error;
      log.warn({ error }, 'waiting for Postgres');
      await sleep(tryAgainMs);
    }
  }
}
