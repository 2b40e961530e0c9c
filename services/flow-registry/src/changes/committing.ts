import { flowChanged } from '@causeway/contracts';
import type { Tenant } from '@causeway/contracts';
import { Bus, OutboxRelay, checkDeadline } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { Tables, type Writes } from '../store/tables.js';

/** Commits changes of a team's objects, and then announces them to the other services. */
@Injectable()
export class Committing {
  constructor(
    private readonly tables: Tables,
    private readonly relay: OutboxRelay,
    private readonly bus: Bus,
  ) {}

  /**
   * Runs `fn` as the only writer of the team, as `Tables.write` does; then its events are sent. Nothing is stored for a caller who has
   * stopped waiting: it was told that the request failed, and sends it again.
   *
   * @param changed  ids of the flows that it changed; services that cache them read them again
   * @throws what `fn` throws; CausewayError TIMED_OUT
   */
  async commit<T>(
    { organisationId, teamId }: Tenant,
    fn: (writes: Writes) => Promise<T>,
    changed: (result: T) => readonly string[] = () => [],
  ): Promise<T> {
    const result = await this.tables.write(teamId, inTime(fn));
    this.announce(organisationId, [teamId], changed(result));
    return result;
  }

  /** The same for a team that was deleted. */
  async commitEnding<T>(
    { organisationId, teamId }: Tenant,
    fn: (writes: Writes) => Promise<T>,
    changed: (result: T) => readonly string[] = () => [],
  ): Promise<T> {
    const result = await this.tables.writeEnding(teamId, inTime(fn));
    this.announce(organisationId, [teamId], changed(result));
    return result;
  }

  /** The same for a change of two teams. */
  async commitBoth<T>(
    organisationId: string,
    teamIds: readonly [string, string],
    fn: (writes: Writes) => Promise<T>,
    changed: (result: T) => readonly string[],
  ): Promise<T> {
    const result = await this.tables.writeBoth(teamIds, inTime(fn));
    this.announce(organisationId, teamIds, changed(result));
    return result;
  }

  private announce(organisationId: string, teamIds: readonly string[], flowIds: readonly string[]): void {
    for (const teamId of teamIds)
      for (const flowId of flowIds) this.bus.publish(flowChanged, { organisationId, teamId, flowId });
    this.relay.wake();
  }
}

/** A change that is made only while its caller waits for it. */
function inTime<T>(fn: (writes: Writes) => Promise<T>): (writes: Writes) => Promise<T> {
  return async (writes) => {
    checkDeadline();
    const made = await fn(writes);
    checkDeadline();
    return made;
  };
}
