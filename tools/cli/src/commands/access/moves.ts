import type { RouteReply, moveFlowRoute } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { isId } from '../../arguments.js';
import type { Output } from '../../output.js';
import { findFlow } from '../find-flow.js';
import { one, readAll } from './find-named.js';

/** Moves a flow to another team, and says what it misses there. */
export async function moveFlow(
  api: Api,
  flow: string,
  options: { toTeam: string; project?: string },
  output: Output,
): Promise<number> {
  const { id, name } = await findFlow(api, flow);
  const teamId = isId(options.toTeam)
    ? options.toTeam
    : one(
        await readAll<{ id: string; name: string }>(api, '/api/platform/v1/teams'),
        options.toTeam,
        `there is no team ${options.toTeam} that you may read`,
      ).id;
  if (options.project !== undefined && !isId(options.project))
    throw new Error('give the id of the project: projects of other teams are not found by name');
  const moved = await api.json<RouteReply<typeof moveFlowRoute>>(
    'POST',
    `/api/platform/v1/flows/${id}/move`,
    {
      teamId,
      ...(options.project !== undefined && { projectId: options.project }),
    },
  );
  output.result(moved, () =>
    [
      `flow ${name} (${id}) belongs to team ${options.toTeam}; its runs until now stay in its former team`,
      'its shares and the roles for it alone have ended, and with them the keys of public pages that ran it',
      ...(moved.files > 0 ? [`${moved.files} of its files moved with it`] : []),
      ...(moved.removedHosts.length > 0
        ? [
            `its secrets may not be sent to ${moved.removedHosts.join(', ')} any more until the team allows it`,
          ]
        : []),
      ...moved.problems.map(({ severity, message, remedy }) => `${severity}: ${message} ${remedy}`),
    ].join('\n'),
  );
  return 0;
}
