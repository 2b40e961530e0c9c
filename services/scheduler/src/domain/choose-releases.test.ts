import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Lane, type Trigger, type WaitingRun, chooseReleases, stepOf } from './choose-releases.js';

const weights = { api: 8, webhook: 4, schedule: 2, batch: 1 };
const plenty = 1_000;

/** Makes this many runs of a team and class. All runs of a team are of the same flow. */
function waiting(
  teamId: string,
  trigger: Trigger,
  count: number,
  flowId = `flow of ${teamId}`,
): WaitingRun[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `${teamId} ${trigger} ${at}`,
    teamId,
    flowId,
    trigger,
  }));
}

function roomFor(runs: readonly WaitingRun[], system: number) {
  return {
    system,
    teams: new Map(runs.map(({ teamId }) => [teamId, plenty])),
    flows: new Map(runs.map(({ flowId }) => [flowId, plenty])),
  };
}

/** Releases runs one by one, as when runs end one by one. */
function served(runs: readonly WaitingRun[], slots: number): WaitingRun[] {
  let left = [...runs];
  const lanes = new Map<string, Lane>();
  const order: WaitingRun[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const [run] = chooseReleases(left, [...lanes.values()], roomFor(runs, 1), weights);
    if (!run) break;
    left = left.filter((other) => other !== run);
    const { teamId, trigger } = run;
    const { turn = 0 } = lanes.get(teamId + trigger) ?? {};
    lanes.set(teamId + trigger, { teamId, trigger, turn: turn + stepOf(trigger, weights) });
    order.push(run);
  }
  return order;
}

const countOf = (runs: readonly WaitingRun[], one: Partial<WaitingRun>): number =>
  runs.filter((run) => Object.entries(one).every(([name, value]) => run[name as keyof WaitingRun] === value))
    .length;

describe('free slots', () => {
  it('go to the oldest run of a lane first', () => {
    const runs = waiting('a', 'api', 3);
    expect(chooseReleases(runs, [], roomFor(runs, 2), weights)).toEqual(runs.slice(0, 2));
  });

  it('are shared equally between a team with many runs and a team with few', () => {
    const runs = [...waiting('flood', 'api', 500), ...waiting('calm', 'api', 5)];
    const first = served(runs, 10);
    expect(countOf(first, { teamId: 'calm' })).toBe(5);
  });

  it('go to classes by their weights, and each class gets some', () => {
    const runs = (['api', 'webhook', 'schedule', 'batch'] as const).flatMap((trigger) =>
      waiting('a', trigger, 200),
    );
    const first = served(runs, 150);
    expect(countOf(first, { trigger: 'api' })).toBe(80);
    expect(countOf(first, { trigger: 'webhook' })).toBe(40);
    expect(countOf(first, { trigger: 'schedule' })).toBe(20);
    expect(countOf(first, { trigger: 'batch' })).toBe(10);
  });

  it('skip a full flow without delaying the runs behind it', () => {
    const runs = [...waiting('a', 'api', 3, 'full'), ...waiting('a', 'api', 1, 'free')];
    const room = {
      system: 9,
      teams: new Map([['a', 9]]),
      flows: new Map([
        ['full', 0],
        ['free', 9],
      ]),
    };
    expect(chooseReleases(runs, [], room, weights).map(({ flowId }) => flowId)).toEqual(['free']);
  });

  it('are never given twice, whichever runs wait', () => {
    const run = fc.record({
      teamId: fc.constantFrom('a', 'b', 'c'),
      flowId: fc.constantFrom('1', '2', '3', '4'),
      trigger: fc.constantFrom<Trigger>('api', 'webhook', 'schedule', 'batch'),
    });
    const free = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(
        fc.array(run, { maxLength: 60 }),
        fc.array(free, { minLength: 8, maxLength: 8 }),
        (some, frees) => {
          const [system = 0, a = 0, b = 0, c = 0, ...ofFlows] = frees;
          const runs = some.map((one, at) => ({ ...one, id: String(at) }));
          const teams = new Map([
            ['a', a],
            ['b', b],
            ['c', c],
          ]);
          const flows = new Map(ofFlows.map((value, at) => [String(at + 1), value]));
          const chosen = chooseReleases(runs, [], { system: system * 4, teams, flows }, weights);
          expect(new Set(chosen).size).toBe(chosen.length);
          expect(chosen.length).toBeLessThanOrEqual(system * 4);
          for (const [teamId, value] of teams) expect(countOf(chosen, { teamId })).toBeLessThanOrEqual(value);
          for (const [flowId, value] of flows) expect(countOf(chosen, { flowId })).toBeLessThanOrEqual(value);
          // While a slot is free, every run that can be released is released.
          const left = runs.filter((one) => !chosen.includes(one));
          const fits = left.some(
            ({ teamId, flowId }) =>
              countOf(chosen, { teamId }) < (teams.get(teamId) ?? 0) &&
              countOf(chosen, { flowId }) < (flows.get(flowId) ?? 0),
          );
          if (fits) expect(chosen).toHaveLength(system * 4);
        },
      ),
    );
  });
});
