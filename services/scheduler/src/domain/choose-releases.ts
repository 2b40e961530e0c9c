import type { RunEnvelope } from '@causeway/contracts';

/** What set a run off, which is also the class it waits in. */
export type Trigger = RunEnvelope['trigger'];

/** A run that waits. */
export interface WaitingRun {
  readonly id: string;
  readonly teamId: string;
  readonly flowId: string;
  readonly trigger: Trigger;
}

/** How many runs of a team's class may be handed over for one of another: the more, the sooner it is its turn. */
export type Weights = Readonly<Record<Trigger, number>>;

/** Slots that are free: in all, and by id for teams and flows. */
export interface Room {
  readonly system: number;
  readonly teams: ReadonlyMap<string, number>;
  readonly flows: ReadonlyMap<string, number>;
}

/** A team's runs of one class, and when it is their turn. */
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
 * Shares free slots out by weighted round-robin over (team, class): each lane has a turn, the lowest one is served, and that puts
 * it back by one over its weight. Since each run takes one slot this is deficit round-robin with a quantum of the weight. A run
 * whose flow or team is full is passed over; those behind it are not held up.
 *
 * @param waiting  oldest first within a lane
 * @param lanes    those of `waiting`; one that is not there is at turn 0
 * @returns        who is handed over now, in this order
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

/** How far a run that is served puts its lane back. */
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
