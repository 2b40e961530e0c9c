import { z } from 'zod';
import { Owned, handOver } from '../../people/owned.js';
import { Id } from '../id.js';
import { route } from '../route.js';

/** What people own, and who gets it when they leave. */

const writing = { inPlace: 'member:write' } as const;
const UserId = z.object({ userId: Id });

export const listOwnedRoute = route('GET', '/api/platform/v1/users/{userId}/owned', {
  summary:
    'What a person owns: roles, OAuth clients and keys that were made with theirs, programs that act for them, and teams that nobody else administers. Needs member:write in the organisation.',
  permission: writing,
  params: UserId,
  reply: Owned,
});

export const handOverRoute = route('POST', '/api/platform/v1/users/{userId}/hand-over', {
  summary:
    'Gives the person `to` the roles that were given to somebody, and keeps the OAuth clients that were made with their keys, whose secrets end. Needs member:write in the organisation, and the permissions of what is handed over.',
  permission: writing,
  params: UserId,
  body: z.strictObject({ to: Id }),
  reply: handOver.reply,
});
