import { z } from 'zod';
import { request } from '../contract.js';
import { PageRequest, Principal } from '../tenancy.js';

/** People who were deleted and whom an identity provider may still know: they do not come back until somebody readmits them. */

/** Who was deleted, and by which connection they do not come back. Nothing says who they were. */
export const BarredPerson = z.object({
  /** The id that the audit log has of them. */
  userId: z.uuid(),
  /** The name of the connection. */
  connection: z.string(),
  deletedAt: z.iso.datetime(),
  deletedBy: z.object({ kind: z.string(), id: z.uuid(), name: z.string() }),
});
export type BarredPerson = z.infer<typeof BarredPerson>;

/** The people of the caller’s organisation who are barred, one for each connection, oldest first. Needs member:write there. @throws CausewayError PERMISSION_DENIED */
export const listBarred = request('req.auth.user.barred.v1', {
  input: z.object({ principal: Principal, page: PageRequest.prefault({}) }),
  reply: z.object({ items: z.array(BarredPerson), next: z.string().optional() }),
});

/**
 * Lets somebody come back who was deleted: as a new person, with what their identity provider says of them then. It gives back nothing that they had.
 * A second time they are not barred any more, and unknown.
 *
 * @throws CausewayError PERMISSION_DENIED, BARRED_UNKNOWN
 */
export const readmitUser = request('req.auth.user.readmit.v1', {
  input: z.object({ principal: Principal, requestId: z.string(), userId: z.uuid() }),
  /** The connections by which they can come back. */
  reply: z.object({ connections: z.array(z.string()) }),
});
