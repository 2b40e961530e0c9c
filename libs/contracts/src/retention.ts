import { z } from 'zod';

/** A kind of data that leaves when it is old, and what of it would leave now. */
export const RetentionKind = z.object({
  kind: z.string(),
  /** The setting that says how long it is kept; null where the rule is fixed. */
  setting: z.string().nullable(),
  /** 0: until somebody deletes it. */
  keepDays: z.number().int().nonnegative(),
  /** What is due, counted up to 100,000. */
  rows: z.number().int().nonnegative(),
  /** Bytes of what is due, estimated by the mean of its table. */
  bytes: z.number().int().nonnegative(),
  /** Time of the oldest that there is. */
  oldest: z.iso.datetime().nullable(),
});
export type RetentionKind = z.infer<typeof RetentionKind>;

/** What of an owner's data would leave now. */
export const RetentionPlan = z.object({ kinds: z.array(RetentionKind) });
export type RetentionPlan = z.infer<typeof RetentionPlan>;
