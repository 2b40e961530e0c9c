import { cancelRun, causewayError, explainAccess, getRun, listFlows } from '@causeway/contracts';
import type { Grant, Principal } from '@causeway/contracts';
import { describe, expect, it } from 'vitest';
import { SharedFlows } from './shared-flows.js';

const ORGANISATION = '00000000-0000-4000-8000-000000000001';
const OWN_TEAM = '00000000-0000-4000-8000-000000000002';
const RUN = '00000000-0000-4000-8000-000000000003';
const teams = Array.from(
  { length: 20 },
  (_none, n) => `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`,
);
const flowOf = (teamId: string): string => teamId.replace('-9000-', '-a000-');

/** Somebody with whom each team has shared a flow. */
const principal: Principal = {
  kind: 'user',
  id: 'somebody',
  name: 'Somebody',
  organisationId: ORGANISATION,
  teamId: OWN_TEAM,
  permissions: [],
  grants: teams.map((teamId): Grant => ({
    role: 'runner',
    permissions: ['flow:read', 'flow:run', 'run:read'],
    level: 'flow',
    objectId: flowOf(teamId),
    teamId,
  })),
};
const caller = { principal, tenant: principal, requestId: 'r' };

interface Asked {
  readonly subject: string;
  readonly teamId: string;
}

/** The services behind; a run is where `runOf` says. */
function shared(runOf: (teamId: string) => object | Error) {
  const asked: Asked[] = [];
  const counts = { now: 0, most: 0 };
  const request = async (
    { subject }: { subject: string },
    { teamId, flowIds = [] }: { teamId: string; flowIds?: readonly string[] },
  ): Promise<object> => {
    asked.push({ subject, teamId });
    counts.most = Math.max(counts.most, ++counts.now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    counts.now--;
    if (subject === explainAccess.subject) return { team: { id: teamId, name: `Team ${teamId}` } };
    if (subject === listFlows.subject) {
      listFlows.input.shape.flowIds.parse(flowIds);
      return { items: flowIds.map((id) => ({ id, name: 'F', description: '' })) };
    }
    const run = runOf(teamId);
    if (run instanceof Error) throw run;
    return run;
  };
  return { flows: new SharedFlows({ request } as never), asked, counts };
}

const unknown = causewayError('RUN_UNKNOWN', { runId: RUN });
const denied = causewayError('PERMISSION_DENIED', { permission: 'run:read' });
const gone = causewayError('UNAVAILABLE', { service: 'scheduler', retryAfterS: 1 });

describe('a run that the own team does not have', () => {
  it('is looked for in the other teams, several at a time, and with the caller as it acts there', async () => {
    const owner = teams[13] as string;
    const { flows, counts } = shared((teamId) => (teamId === owner ? { id: RUN } : unknown));
    const { run, principal: there } = await flows.findRun(caller, RUN);
    expect([run.id, there.teamId]).toEqual([RUN, owner]);
    expect(counts.most).toBeGreaterThan(3);
    expect(counts.most).toBeLessThanOrEqual(6);
  });

  it.each([
    ['in no team', () => unknown, 'RUN_UNKNOWN'],
    [
      'in a team that does not show it',
      (teamId: string) => (teamId === teams[2] ? denied : unknown),
      'RUN_UNKNOWN',
    ],
    [
      'in a team that is asked first',
      (teamId: string) => (teamId === teams[0] ? { id: RUN } : unknown),
      undefined,
    ],
    [
      'in a team while another one does not answer',
      (teamId: string) => (teamId === teams[9] ? { id: RUN } : teamId === OWN_TEAM ? unknown : gone),
      undefined,
    ],
    [
      'in a team that does not answer',
      (teamId: string) => (teamId === teams[9] ? gone : unknown),
      'UNAVAILABLE',
    ],
  ])('takes as many questions %s', async (_where, runOf, code) => {
    const { flows, asked } = shared(runOf);
    const found = await flows.findRun(caller, RUN).catch((error: { code: string }) => error);
    expect('code' in found ? found.code : undefined).toBe(code);
    expect(asked.map(({ subject }) => subject)).toEqual(Array.from({ length: 21 }, () => getRun.subject));
    expect(new Set(asked.map(({ teamId }) => teamId))).toEqual(new Set([OWN_TEAM, ...teams]));
  });
});

describe('a run that is cancelled', () => {
  const mayNotRead = { ...principal, permissions: ['run:cancel' as const] };
  it.each([
    ['of the own team, which is asked alone', OWN_TEAM, [OWN_TEAM]],
    ['of another team', teams[4] as string, [OWN_TEAM, ...teams]],
  ])('is one %s, also for who may not read runs', async (_which, owner, expected) => {
    const { flows, asked } = shared((teamId) =>
      teamId === owner ? { runId: RUN, status: 'cancelled', requested: true } : unknown,
    );
    const answer = await flows.cancelRun({ ...caller, principal: mayNotRead }, RUN);
    expect(answer).toMatchObject({ status: 'cancelled' });
    expect(asked.map(({ subject }) => subject)).toEqual(expected.map(() => cancelRun.subject));
    expect(new Set(asked.map(({ teamId }) => teamId))).toEqual(new Set(expected));
  });

  it('is unknown where no team shows it', async () => {
    const { flows } = shared(() => unknown);
    await expect(flows.cancelRun(caller, RUN)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  });
});

describe('the list of shared flows', () => {
  it('has those of all teams in their order, and asks about few teams at a time', async () => {
    const { flows, counts } = shared(() => unknown);
    const items = await flows.list(caller);
    expect(items.map(({ id, team }) => [id, team.id])).toEqual(
      teams.map((teamId) => [flowOf(teamId), teamId]),
    );
    expect(counts.most).toBeLessThanOrEqual(6);
  });

  it('has every flow of a team that shares more than one question can name', async () => {
    const [teamId = ''] = teams;
    const ids = Array.from(
      { length: 1_100 },
      (_none, n) => `00000000-0000-4000-b000-${String(n).padStart(12, '0')}`,
    );
    const grants = ids.map((objectId): Grant => ({
      role: 'runner',
      permissions: ['flow:read'],
      level: 'flow',
      objectId,
      teamId,
    }));
    const { flows } = shared(() => unknown);
    const items = await flows.list({ ...caller, principal: { ...principal, grants } });
    expect(items.map(({ id }) => id)).toEqual(ids);
  });

  it('has no flow that its caller may only run or change, also where there is another one to read', async () => {
    const { flows } = shared(() => unknown);
    const grants = principal.grants?.slice(0, 1) ?? [];
    const unread = grants.map((grant): Grant => ({
      ...grant,
      objectId: RUN,
      permissions: ['flow:run', 'flow:write'],
    }));
    const items = await flows.list({
      ...caller,
      principal: { ...principal, grants: [...grants, ...unread] },
    });
    expect(items.map(({ id }) => id)).toEqual([flowOf(teams[0] as string)]);
  });
});
