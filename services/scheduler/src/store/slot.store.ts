import type { RunEnvelope } from '@causeway/contracts';
import { Database } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import {
  type Lane,
  type Trigger,
  type WaitingRun,
  type Weights,
  chooseReleases,
  stepOf,
} from '../domain/choose-releases.js';
import { findReleasableSql, releaseSql } from './release.sql.js';
import {
  countWaitingSql,
  ensureSlotsSql,
  lockSlotsSql,
  recountSql,
  setCapacitySql,
  settleCapacitiesSql,
} from './slot.sql.js';

/** After this many attempts in which other schedulers released the chosen runs first, the work is left to them. */
const MOST_ATTEMPTS = 5;

interface ReleasableRow {
  readonly id: string;
  readonly team_id: string;
  readonly flow_id: string;
  readonly trigger: Trigger;
  readonly system_free: number;
  readonly team_free: number;
  readonly flow_free: number;
  readonly turn: number;
}

/** Reads and changes slots, and releases runs when slots are free. */
@Injectable()
export class SlotStore {
  constructor(private readonly database: Database) {}

  /** Creates the slot rows of a team and a flow. A row that exists does not change. */
  async ensure(
    owner: Pick<RunEnvelope, 'organisationId' | 'teamId' | 'flowId'>,
    capacity: { readonly team: number; readonly flow: number },
  ): Promise<void> {
    const { organisationId, teamId, flowId } = owner;
    await this.database.query(
      ensureSlotsSql,
      [organisationId, teamId, flowId, capacity.team, capacity.flow],
      { name: 'ensure-slots' },
    );
  }

  /** How many runs wait in the whole system and in a team. */
  async countWaiting(teamId: string): Promise<{ system: number; team: number }> {
    const { rows } = await this.database.query<{ system: number; team: number }>(countWaitingSql, [teamId], {
      name: 'count-waiting',
    });
    return rows[0] ?? { system: 0, team: 0 };
  }

  /** Sets the capacities of all teams and flows, except those that have their own capacity. */
  async settleCapacities({ team, flow }: { readonly team: number; readonly flow: number }): Promise<void> {
    await this.database.query(settleCapacitiesSql, [team, flow]);
  }

  /** Sets how many runs of all teams may be released at the same time. */
  async setCapacity(runs: number): Promise<void> {
    await this.database.query(setCapacitySql, [runs], { name: 'set-capacity' });
  }

  /** Counts slots and lanes again from the stored runs. @returns how many counts were wrong */
  async recount(): Promise<{ slots: number; lanes: number }> {
    return this.database.transaction(async (transaction) => {
      await transaction.query(lockSlotsSql);
      const { rows } = await transaction.query<{ slots: number; lanes: number }>(recountSql);
      return rows[0] ?? { slots: 0, lanes: 0 };
    });
  }

  /**
   * Releases the next waiting runs, at most `atMost`.
   *
   * @returns their envelopes, in the order in which to ring their doorbells; empty when no waiting run can be released
   */
  async release(weights: Weights, atMost: number): Promise<RunEnvelope[]> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const chosen = await this.choose(weights, atMost);
      if (chosen.length === 0) return [];
      const { rows } = await this.database.query<{ id: string; envelope: string }>(
        releaseSql,
        [
          chosen.map((run) => run.id),
          chosen.map((run) => run.teamId),
          chosen.map((run) => run.trigger),
          chosen.map((run) => run.flowId),
          chosen.map((run) => stepOf(run.trigger, weights)),
        ],
        { name: 'release-runs' },
      );
      // No rows: another scheduler has released the same runs, but perhaps not all that can be released.
      if (rows.length > 0) return inOrder(chosen, rows);
    }
    return [];
  }

  private async choose(weights: Weights, atMost: number): Promise<readonly WaitingRun[]> {
    const { rows } = await this.database.query<ReleasableRow>(findReleasableSql, [atMost], {
      name: 'find-releasable',
    });
    const waiting = rows.map((row) => ({
      id: row.id,
      teamId: row.team_id,
      flowId: row.flow_id,
      trigger: row.trigger,
    }));
    const lanes = rows.map(({ team_id: teamId, trigger, turn }): Lane => ({ teamId, trigger, turn }));
    const system = rows[0]?.system_free ?? 0;
    const teams = new Map(rows.map((row) => [row.team_id, row.team_free]));
    const flows = new Map(rows.map((row) => [row.flow_id, row.flow_free]));
    return chooseReleases(waiting, lanes, { system, teams, flows }, weights);
  }
}

function inOrder(
  chosen: readonly WaitingRun[],
  released: readonly { readonly id: string; readonly envelope: string }[],
): RunEnvelope[] {
  const envelopes = new Map(released.map(({ id, envelope }) => [id, envelope]));
  return chosen.flatMap(({ id }) => {
    const envelope = envelopes.get(id);
    return envelope === undefined ? [] : [JSON.parse(envelope) as RunEnvelope];
  });
}
