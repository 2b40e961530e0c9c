import { z } from 'zod';

/** A kind of data that is removed when it is old, and how much of it is due for removal now. */
export const RetentionKind = z.object({
  kind: z.string(),
  /** The setting that says how long it is kept; null if the rule is fixed. */
  setting: z.string().nullable(),
  /** 0: until a person deletes it. */
  keepDays: z.number().int().nonnegative(),
  /** Rows that are due, counted up to 100,000. */
  rows: z.number().int().nonnegative(),
  /** Bytes that are due, estimated by the mean of the table. */
  bytes: z.number().int().nonnegative(),
  /** Time of the oldest row. */
  oldest: z.iso.datetime().nullable(),
});
export type RetentionKind = z.infer<typeof RetentionKind>;

/** How much of an owner's data is due for removal now. */
export const RetentionPlan = z.object({ kinds: z.array(RetentionKind) });
export type RetentionPlan = z.infer<typeof RetentionPlan>;
