import { counter, gauge, histogram } from '../../telemetry/metrics.js';

const handled = counter('causeway_messages_handled_total', 'Requests and doorbells handled, by outcome.');
const duration = histogram('causeway_message_duration_seconds', 'How long handlers took.');
const dead = counter('causeway_dead_letters_total', 'Doorbells dropped for good, by reason.');
let running = 0;
gauge('causeway_messages_in_flight', 'Requests and doorbells in progress.', () => running);

/** Why a doorbell is dropped. */
export type DeadReason = 'poison' | 'refused' | 'exhausted';

/** Counts a handler's run; call the returned function when the handler has ended. */
export function countHandler(subject: string): (outcome: 'done' | 'failed') => void {
  const startedMs = performance.now();
  running += 1;
  return (outcome) => {
    running -= 1;
    handled.add(1, { subject, outcome });
    duration.record((performance.now() - startedMs) / 1000, { subject });
  };
}

export function countDead(subject: string, reason: DeadReason): void {
  dead.add(1, { queue: subject, reason });
}
