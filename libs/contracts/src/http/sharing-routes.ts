import { z } from 'zod';
import { SharedFlow } from '../sharing.js';
import { route } from './route.js';

/** Flows of other teams that are shared with the caller, under /api/platform/v1. */

export const listSharedFlowsRoute = route('GET', '/api/platform/v1/shared-flows', {
  summary:
    'The flows of other teams that the caller may use from its own one, with the team that owns each and the roles that allow it: at most 200 that are shared with the caller’s team, and those in which the caller has a role. They are used by their ids on every route that names a flow.',
  permission: { inPlace: 'any' },
  reply: z.object({ items: z.array(SharedFlow) }),
});
