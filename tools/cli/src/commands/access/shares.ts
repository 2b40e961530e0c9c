import type { RoleBinding, Team } from '@causeway/contracts';
import type { Api } from '../../api.js';
import { table } from '../../output.js';
import type { Output } from '../../output.js';
import { findFlow } from '../find-flow.js';
import { findUserId } from '../people/find-user.js';
import { findTeam, one, readAll } from './find-named.js';

const BINDINGS = '/api/platform/v1/role-bindings';
const NEEDED = 'only who may give roles can name a team; ';

/** With whom a flow is shared: a team, or a person. */
type Receiver = { readonly kind: 'team' | 'user'; readonly id: string; readonly name: string };

/** Gives a team or a person one role in one flow. */
export async function shareFlow(
  api: Api,
  flow: string,
  options: { with: string; role: string },
  output: Output,
): Promise<number> {
  const { id, name } = await findFlow(api, flow);
  const { kind, id: receiverId } = await findReceiver(api, options.with);
  const team = await findTeam(api, undefined);
  const binding = await api.json<RoleBinding>('POST', BINDINGS, {
    subject: { kind, id: receiverId },
    role: options.role,
    level: 'flow',
    objectId: id,
    teamId: team.id,
  });
  const who = `${kind === 'team' ? 'team ' : ''}${binding.subject.name}`;
  output.result(
    binding,
    () =>
      `flow ${name} of team ${team.name} is shared with ${who} as ${binding.role}; role binding ${binding.id}`,
  );
  return 0;
}

/** Ends the sharing of a flow with a team or a person: all of its roles there, or the one that is named. */
export async function unshareFlow(
  api: Api,
  flow: string,
  options: { with: string; role?: string },
  output: Output,
): Promise<number> {
  const { id, name } = await findFlow(api, flow);
  const all = await sharesOf(api, id);
  const wanted = options.with.toLowerCase();
  const given = all.filter(({ subject }) => [subject.id, subject.name.toLowerCase()].includes(wanted));
  const ended = given.filter(({ role }) => options.role === undefined || role === options.role);
  if (ended.length === 0) {
    const names = [...new Set(all.map(({ subject }) => subject.name))].slice(0, 20);
    const known = names.length === 0 ? 'it is shared with nobody' : `it is shared with ${names.join(', ')}`;
    throw new Error(`flow ${name} is not shared so with ${options.with}; ${known}`);
  }
  if (new Set(ended.map(({ subject }) => subject.id)).size > 1)
    throw new Error(`several of them are named ${options.with}; give the id`);
  for (const binding of ended) await api.send('DELETE', `${BINDINGS}/${binding.id}`);
  const roles = ended.map(({ role }) => role);
  output.result(
    { id, ended },
    () => `flow ${name} is not shared with ${options.with} as ${roles.join(', ')} any more`,
  );
  return 0;
}

/** With whom a flow is shared, and as what. */
export async function listShares(api: Api, flow: string, output: Output): Promise<number> {
  const { id, name } = await findFlow(api, flow);
  const shares = await sharesOf(api, id);
  output.result(shares, () =>
    shares.length === 0
      ? `flow ${name} is shared with nobody; what holds in its whole team shows: npx causeway members`
      : table(
          ['with', 'kind', 'role', 'since', 'role binding'],
          shares.map(({ id: bindingId, subject, role, createdAt }) => [
            subject.name,
            subject.kind.replace('_', ' '),
            role,
            createdAt,
            bindingId,
          ]),
        ),
  );
  return 0;
}

async function sharesOf(api: Api, flowId: string): Promise<RoleBinding[]> {
  const bindings = await readAll<RoleBinding>(api, `${BINDINGS}?flow_id=${flowId}`);
  return bindings.filter(({ level }) => level === 'flow');
}

/** Every team of the organisation. @throws Error when the key gives no roles anywhere */
export async function everyTeam(api: Api): Promise<Team[]> {
  return readAll<Team>(api, '/api/platform/v1/teams?all=true');
}

/** The team or the person with this name or id; a person also by e-mail address. */
async function findReceiver(api: Api, named: string): Promise<Receiver> {
  const teams = await everyTeam(api).catch((error: unknown) => {
    throw new Error(`${NEEDED}${(error as Error).message}`, { cause: error });
  });
  const team = findOrUndefined(() => one(teams, named, ''));
  if (team) return { kind: 'team', id: team.id, name: team.name };
  try {
    const id = await findUserId(api, named);
    return { kind: 'user', id, name: named };
  } catch (error) {
    const names = teams.slice(0, 20).map(({ name }) => name);
    throw new Error(
      `there is no team ${named}, and ${(error as Error).message}; the teams are ${names.join(', ')}`,
      {
        cause: error,
      },
    );
  }
}

function findOrUndefined<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
