import { z } from 'zod';
import type { RequestContract, Subject } from './contract.js';
import { request } from './contract.js';

/**
 * Reply of a batch: the ids whose effects the consumer has committed. The others are sent again; those that it refuses
 * because of their content, much later.
 */
export const Confirmed = z.object({
  confirmed: z.array(z.string()),
  refused: z.array(z.string()).optional(),
});

/** A request that delivers outbox rows. Handlers are idempotent: the same item twice changes nothing. */
export type BatchContract<T extends z.ZodType = z.ZodType> = RequestContract<
  z.ZodObject<{ items: z.ZodArray<z.ZodObject<{ id: z.ZodString; payload: T }>> }>,
  typeof Confirmed
>;

/**
 * Declares a batch: rows of outboxes are sent to their consumer in it, and are deleted when the consumer confirms them.
 *
 * @param from  who may send it
 */
export function batch<T extends z.ZodType>(
  subject: Subject<'req'>,
  item: T,
  from: readonly string[] = [],
): BatchContract<T> {
  return request(subject, {
    from,
    gatewayActsFor: 'itself',
    input: z.object({ items: z.array(z.object({ id: z.string(), payload: item })).max(500) }),
    reply: Confirmed,
    timeoutMs: 10_000,
  });
}
