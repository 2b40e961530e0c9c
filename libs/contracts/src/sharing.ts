import { z } from 'zod';
import { Grant, Permission } from './tenancy.js';

/** A flow of another team that a caller may use from its own one. */
export const SharedFlow = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  /** The team that owns it. */
  team: z.object({ id: z.uuid(), name: z.string() }),
  permissions: z.array(Permission),
  /** The roles that allow it; with `sharedWith` one of the caller's team, else one of the caller or its group. */
  by: z.array(Grant.pick({ role: true, group: true, sharedWith: true })),
});
export type SharedFlow = z.infer<typeof SharedFlow>;
