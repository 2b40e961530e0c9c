import { causewayError } from '@causeway/contracts';
import { type Deadline, currentContext } from './context.js';

/** The sender's time began before the request arrived here, and ends before a reply that is sent now arrives there. */
const ON_THE_WAY_MS = 250;

/** The deadline of a request that arrives now. */
export function deadlineOf(service: string, timeoutMs: number): Deadline {
  return { service, timeoutMs, atMs: performance.now() + timeoutMs - ON_THE_WAY_MS };
}

/**
 * Ends the work for a request whose sender does not wait for the reply any more. Does nothing outside of requests.
 *
 * @throws CausewayError TIMED_OUT
 */
export function checkDeadline(): void {
  const { deadline } = currentContext();
  if (deadline === undefined || performance.now() < deadline.atMs) return;
  const { service, timeoutMs } = deadline;
  throw causewayError('TIMED_OUT', { service, timeoutMs, retryAfterS: 1 });
}
