import { z } from 'zod';
import { BarredPerson, readmitUser } from '../../people/barred.js';
import { Id } from '../id.js';
import { route } from '../route.js';
import { pageQuery } from '../shapes.js';

/** People who were deleted and do not come back, under /api/platform/v1. */

const writing = { inPlace: 'member:write' } as const;

export const listBarredRoute = route('GET', '/api/platform/v1/barred-users', {
  summary:
    'Who was deleted and does not come back by a sign-in or by SCIM: by which connection, when and by whom they were deleted; nothing says who they were. Oldest first. Needs member:write in the organisation.',
  permission: writing,
  query: z.object(pageQuery),
  reply: z.object({ items: z.array(BarredPerson), next: z.string().optional() }),
});

export const readmitUserRoute = route('POST', '/api/platform/v1/users/{userId}/readmit', {
  summary:
    'Lets somebody come back who was deleted, by the id that they had: as a new person, at their next sign-in or when SCIM sends them. Needs member:write in the organisation.',
  permission: writing,
  params: z.object({ userId: Id }),
  reply: readmitUser.reply,
});
