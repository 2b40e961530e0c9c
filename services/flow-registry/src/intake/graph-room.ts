import { AsyncLocalStorage } from 'node:async_hooks';
import { causewayError } from '@causeway/contracts';
import { SETTINGS, currentContext, environmentName } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';

/** A task counts as at least this, so that the limit of bytes is one of their number too. */
const LEAST_BYTES = 1_000_000;
/** One team may use this part of the room. */
const SHARE = 1 / 4;
const RETRY_AFTER_S = 2;

/** The room for large graphs that are worked on or wait for it. */
@Injectable()
export class GraphRoom {
  private readonly most: number;
  private held = 0;
  private readonly unlimited = new AsyncLocalStorage<true>();
  private readonly heldBy = new Map<string, number>();

  constructor(@Inject(SETTINGS) settings: Pick<Settings, 'maxGraphsBytes'>) {
    this.most = settings.maxGraphsBytes;
  }

  /**
   * Runs `fn`, which holds a graph of so many bytes for the team of the context. One graph is always accepted, whatever its size.
   *
   * @throws what `fn` throws; CausewayError TEAM_GRAPHS_FULL, GRAPHS_FULL
   */
  async hold<T>(bytes: number, fn: () => Promise<T>): Promise<T> {
    if (this.unlimited.getStore()) return fn();
    const { teamId = '' } = currentContext();
    const size = Math.max(bytes, LEAST_BYTES);
    this.check(size, teamId);
    this.add(size, teamId);
    try {
      return await fn();
    } finally {
      this.add(-size, teamId);
    }
  }

  /** Runs `fn` without a limit: after a change is stored, its reply must not be refused, for the caller would make the change again. */
  always<T>(fn: () => Promise<T>): Promise<T> {
    return this.unlimited.run(true, fn);
  }

  private check(size: number, teamId: string): void {
    const ofTeam = this.heldBy.get(teamId) ?? 0;
    const full =
      ofTeam > 0 && ofTeam + size > this.most * SHARE
        ? ({ code: 'TEAM_GRAPHS_FULL', limitBytes: this.most * SHARE } as const)
        : this.held > 0 && this.held + size > this.most
          ? ({ code: 'GRAPHS_FULL', limitBytes: this.most } as const)
          : undefined;
    if (!full) return;
    throw causewayError(full.code, {
      limitBytes: full.limitBytes,
      limitName: environmentName('maxGraphsBytes'),
      retryAfterS: RETRY_AFTER_S,
    });
  }

  private add(size: number, teamId: string): void {
    this.held += size;
    const ofTeam = (this.heldBy.get(teamId) ?? 0) + size;
    if (ofTeam > 0) this.heldBy.set(teamId, ofTeam);
    else this.heldBy.delete(teamId);
  }
}
