import { z } from 'zod';
import { FlowProblem } from '../../flow-registry.js';
import { Moved, SharedFlow } from '../../teams/sharing.js';
import { Id } from '../id.js';
import { route } from '../route.js';

/** Flows that are shared with other teams, or moved to them, under /api/platform/v1. */

export const listSharedFlowsRoute = route('GET', '/api/platform/v1/shared-flows', {
  summary:
    'The flows of other teams that the caller may use from its own one, with the team that owns each and the roles that allow it: at most 200 that are shared with the caller’s team, and those in which the caller has a role. They are used by their ids on every route that names a flow.',
  permission: { inPlace: 'any' },
  reply: z.object({ items: z.array(SharedFlow) }),
});

const MOVES =
  'Versions, the published one, files and webhooks move along; runs, chats and audit events stay in the team in which they were made; roles that were given there end, and allowed hosts are removed. A name or an endpoint name that is taken there is refused.';

export const moveFlowRoute = route('POST', '/api/platform/v1/flows/{flowId}/move', {
  summary: `Moves a flow to another team, into \`projectId\` or its oldest project. Needs flow:write in both teams, and flow:publish in both if a version is published. ${MOVES} The answer lists what its runs miss there, such as variables.`,
  permission: 'flow:write',
  perObject: true,
  params: z.object({ flowId: Id }),
  body: z.strictObject({ teamId: Id, projectId: Id.optional() }),
  reply: Moved.extend({
    id: z.uuid(),
    name: z.string(),
    teamId: z.uuid(),
    projectId: z.uuid(),
    problems: z.array(FlowProblem),
  }),
});

export const moveProjectRoute = route('POST', '/api/platform/v1/projects/{projectId}/move', {
  summary: `Moves a project with its flows to another team. Needs project:write and flow:write in both teams, and flow:publish in both if a version of one of the flows is published. ${MOVES}`,
  permission: ['project:write', 'flow:write'],
  perObject: true,
  params: z.object({ projectId: Id }),
  body: z.strictObject({ teamId: Id }),
  reply: Moved.extend({ id: z.uuid(), teamId: z.uuid(), flows: z.number().int() }),
});
