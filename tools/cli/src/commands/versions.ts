import type { FlowVersion } from '@causeway/contracts';
import type { Api } from '../api.js';
import { table } from '../output.js';
import type { Output } from '../output.js';
import { readAll } from './access/find-named.js';
import { findFlow } from './find-flow.js';

/** Fewest characters of a version's hash that name it. */
const SHORTEST = 6;

/** Lists the versions of a flow, newest first, and which one runs use. */
export async function listVersions(api: Api, flow: string, output: Output): Promise<number> {
  const { id } = await findFlow(api, flow);
  const versions = await versionsOf(api, id);
  const isPinned = versions.some(({ isPublished }) => isPublished);
  output.result(versions, () =>
    table(
      ['version', 'created', 'state'],
      versions.map(({ versionHash, createdAt, isNewest, isPublished }) => {
        const isUsed = isPublished || (!isPinned && isNewest);
        const state = [
          isNewest ? 'newest' : '',
          isPublished ? 'published' : '',
          isUsed ? 'used by runs' : '',
        ];
        return [versionHash.slice(0, 12), createdAt, state.filter((word) => word !== '').join(', ')];
      }),
    ),
  );
  return 0;
}

/**
 * Sets the version that runs of a flow use.
 *
 * @param named  the version's hash or its beginning; without one, the newest as it is now
 */
export async function publish(
  api: Api,
  flow: string,
  named: string | undefined,
  { unpublish = false }: { unpublish?: boolean },
  output: Output,
): Promise<number> {
  if (unpublish && named !== undefined) throw new Error('give a version or --unpublish, not both');
  const { id } = await findFlow(api, flow);
  const versionHash = unpublish ? null : await findVersion(api, id, flow, named);
  const path = `/api/platform/v1/flows/${id}/published-version`;
  await api.json('PUT', path, { versionHash });
  output.result({ id, versionHash }, () =>
    versionHash === null
      ? `runs of ${flow} use its newest version`
      : `runs of ${flow} use version ${versionHash.slice(0, 12)}, whatever is saved later`,
  );
  return 0;
}

function versionsOf(api: Api, flowId: string): Promise<FlowVersion[]> {
  return readAll<FlowVersion>(api, `/api/platform/v1/flows/${flowId}/versions`);
}

async function findVersion(
  api: Api,
  flowId: string,
  flow: string,
  named: string | undefined,
): Promise<string> {
  const versions = await versionsOf(api, flowId);
  const fitting = versions.filter(({ versionHash, isNewest }) =>
    named === undefined ? isNewest : named.length >= SHORTEST && versionHash.startsWith(named.toLowerCase()),
  );
  const [found] = fitting;
  if (fitting.length === 1 && found) return found.versionHash;
  const known = versions.slice(0, 5).map(({ versionHash }) => versionHash.slice(0, 12));
  const problem =
    fitting.length > 1 ? `several versions begin with ${named}` : `${flow} has no version ${named}`;
  throw new Error(`${problem}; the newest ones are ${known.join(', ')}`);
}
