import type { RunEnvelope } from '@causeway/contracts';

/** What started a run. It is also the class in which the run waits. */
export type Trigger = RunEnvelope['trigger'];

/** A run in the queue. */
export interface WaitingRun {
  readonly id: string;
  readonly teamId: string;
  readonly flowId: string;
  readonly trigger: Trigger;
}

/** The weight of each class: a class with twice the weight gets twice as many runs released. */
export type Weights = Readonly<Record<Trigger, number>>;

/** The free slots: of the whole system, and of teams and flows by id. */
export interface Room {
  readonly system: number;
  readonly teams: ReadonlyMap<string, number>;
  readonly flows: ReadonlyMap<string, number>;
}

/** A team's runs of one class, and their turn. */
export interface Lane {
  readonly teamId: string;
  readonly trigger: Trigger;
  readonly turn: number;
}

interface OpenLane {
  readonly waiting: WaitingRun[];
  turn: number;
}

/**
 * Shares free slots by weighted round-robin over (team, class). Each lane has a turn. The lane with the lowest turn is served, and
 * its turn then rises by 1 / weight. Since each run takes one slot, this is deficit round-robin with a quantum of the weight. A run
 * whose flow or team is full is skipped and does not delay the runs behind it.
 *
 * @param waiting  oldest first within a lane
 * @param lanes    the lanes of `waiting`; a lane that is missing has turn 0
 * @returns        the runs to release now, in this order
 */
export function chooseReleases(
  waiting: readonly WaitingRun[],
  lanes: readonly Lane[],
  room: Room,
  weights: Weights,
): WaitingRun[] {
  const open = openLanes(waiting, lanes);
  const teams = new Map(room.teams);
  const flows = new Map(room.flows);
  const runs: WaitingRun[] = [];
  let candidates = open;
  while (runs.length < room.system && candidates.length > 0) {
    const next = candidates.reduce((first, other) => (other.turn < first.turn ? other : first));
    const at = next.waiting.findIndex(
      ({ teamId, flowId }) => (teams.get(teamId) ?? 0) > 0 && (flows.get(flowId) ?? 0) > 0,
    );
    const [run] = at < 0 ? [] : next.waiting.splice(at, 1);
    if (!run) {
      candidates = candidates.filter((lane) => lane !== next);
      continue;
    }
    teams.set(run.teamId, (teams.get(run.teamId) ?? 0) - 1);
    flows.set(run.flowId, (flows.get(run.flowId) ?? 0) - 1);
    next.turn += stepOf(run.trigger, weights);
    runs.push(run);
  }
  return runs;
}

/** How much a released run raises the turn of its lane. */
export function stepOf(trigger: Trigger, weights: Weights): number {
  return 1 / weights[trigger];
}

function openLanes(waiting: readonly WaitingRun[], lanes: readonly Lane[]): OpenLane[] {
  const turns = new Map(lanes.map((lane) => [keyOf(lane), lane.turn]));
  const open = new Map<string, OpenLane>();
  for (const run of waiting) {
    const key = keyOf(run);
    const lane = open.get(key) ?? { waiting: [], turn: turns.get(key) ?? 0 };
    lane.waiting.push(run);
    open.set(key, lane);
  }
  return [...open.values()];
}

function keyOf({ teamId, trigger }: { readonly teamId: string; readonly trigger: Trigger }): string {
  return `${teamId} ${trigger}`;
}
