import { z } from 'zod';
import { request } from '../contract.js';
import { Flow } from '../flow-registry.js';
import { Grant, Permission, Principal } from '../tenancy.js';

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

const Move = z.object({ principal: Principal, requestId: z.string(), toTeamId: z.uuid() });

/** What a move to another team changed beside the team. */
export const Moved = z.object({
  /** Files of the flows, which moved with them. */
  files: z.number().int(),
  /** Hosts to which the secrets of the former team could be sent: the new team allows its own. */
  removedHosts: z.array(z.string()),
});

/**
 * Moves a flow to another team of the organisation, into the project that is named, else into its oldest one. With it go its versions, which of them is
 * published, its files and its webhook; runs, chats and audit events stay in the team in which they were made. Roles that were given in
 * the flow end, and so do its allowed hosts. Needs flow:write in both teams, flow:publish in both for a flow with a published version, and
 * flow:run in the new one for a flow with a webhook. Who has flow:run or file:read in the new team needs it in the former one too, and none of
 * these there only by a share. `principal.other` says what the caller may do in the new team.
 *
 * @throws CausewayError FLOW_UNKNOWN, PROJECT_UNKNOWN, PERMISSION_DENIED, FLOW_LOCKED, FLOW_NAME_TAKEN, ENDPOINT_TAKEN, MOVE_REFUSED
 */
export const moveFlow = request('req.flow-registry.flow.move.v1', {
  needs: ['flow:write'],
  perObject: true,
  input: Move.extend({ flowId: z.uuid(), projectId: z.uuid().optional() }),
  reply: Moved.extend({ flow: Flow }),
  timeoutMs: 30_000,
});

/**
 * Moves a project with its flows, each as `moveFlow` moves one. Needs project:write in both teams too.
 *
 * @throws CausewayError PROJECT_UNKNOWN, PROJECT_NAME_TAKEN, and those of `moveFlow`
 */
export const moveProject = request('req.flow-registry.project.move.v1', {
  needs: ['project:write'],
  perObject: true,
  input: Move.extend({ projectId: z.uuid() }),
  reply: Moved.extend({ flows: z.number().int() }),
  timeoutMs: 30_000,
});
