import { principalOfShare, sharesOf } from '@causeway/authz';
import {
  actorOf,
  cancelRun,
  explainAccess,
  getRun,
  listFlows,
  type Caller,
  type Flow,
  type Grant,
  type Principal,
  type ReplyOf,
  type RunSummary,
  type SharedFlow,
} from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { Bus, withContext } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import pMap from 'p-map';

/** Teams about which one request asks at the same time: many shares take little time, and no caller takes all of a service. */
const AT_ONCE = 6;
/** Flows that one question for a list may name. */
const ASKED_AT_ONCE = 500;

/** A caller with its grants, which say which flows of other teams it may use. */
type Asking = Caller & { readonly principal: Principal };

/** Flows of other teams that a caller may use from its own one, and their runs. */
@Injectable()
export class SharedFlows {
  constructor(private readonly bus: Bus) {}

  /** The flows that the caller may read, team by team. */
  async list(caller: Asking): Promise<SharedFlow[]> {
    const readable = [...owningTeams(caller.principal)].filter(([, { objects }]) =>
      objects?.some(({ permissions }) => permissions.includes('flow:read')),
    );
    const found = await pMap(readable, ([teamId, there]) => this.listOf(caller, teamId, there), {
      concurrency: AT_ONCE,
    });
    return found.flat();
  }

  /**
   * A run of the caller's team, or one that the caller has started of another team's flow, with the caller as it acts in that team.
   *
   * @throws CausewayError RUN_UNKNOWN
   */
  async findRun(caller: Asking, runId: string): Promise<{ run: RunSummary; principal: Principal }> {
    const { reply: run, principal } = await this.ask(caller, (there) =>
      this.bus.request(getRun, { ...tenantIn(there), runId }),
    );
    return { run, principal };
  }

  /** Cancels such a run. Who may not read runs may cancel one all the same. @throws CausewayError RUN_UNKNOWN */
  async cancelRun(caller: Asking, runId: string): Promise<ReplyOf<typeof cancelRun>> {
    const { requestId } = caller;
    const { reply } = await this.ask(caller, (principal) =>
      this.bus.request(cancelRun, { ...tenantIn(principal), ...actorOf({ principal, requestId }), runId }),
    );
    return reply;
  }

  /** Asks about a run in the caller's team, and where there is none, in the other ones. */
  private async ask<T>(
    { principal }: Asking,
    ask: (principal: Principal) => Promise<T>,
  ): Promise<{ reply: T; principal: Principal }> {
    try {
      return { reply: await ask(principal), principal };
    } catch (error) {
      if (!isUnknown(error)) throw error;
      const found = await this.askElsewhere(principal, ask);
      if (!found) throw error;
      return found;
    }
  }

  /** Asks in every team, also after the run is found: how long it takes says nothing of where it is. */
  private async askElsewhere<T>(
    principal: Principal,
    ask: (principal: Principal) => Promise<T>,
  ): Promise<{ reply: T; principal: Principal } | undefined> {
    const answers = await pMap(
      owningTeams(principal),
      async ([, there]) => {
        try {
          const reply = await withContext({ principal: there }, () => ask(there));
          return { found: { reply, principal: there } };
        } catch (error) {
          return isUnknown(error) ? {} : { error };
        }
      },
      { concurrency: AT_ONCE },
    );
    const found = answers.find((answer) => answer.found)?.found;
    const failed = answers.find((answer) => answer.error !== undefined);
    if (!found && failed) throw failed.error;
    return found;
  }

  /** The flows of one other team that the caller may read. */
  private async listOf(caller: Asking, teamId: string, there: Principal): Promise<SharedFlow[]> {
    const { organisationId, objects = [] } = there;
    const { team } = await this.bus.request(explainAccess, { ...actorOf(caller), teamId });
    const items: Flow[] = [];
    const readable = objects.filter(({ permissions }) => permissions.includes('flow:read'));
    for (let at = 0; at < readable.length; at += ASKED_AT_ONCE) {
      const flowIds = readable.slice(at, at + ASKED_AT_ONCE).map(({ objectId }) => objectId);
      const question = { organisationId, teamId, flowIds, size: flowIds.length };
      const page = await withContext({ principal: there }, () => this.bus.request(listFlows, question));
      items.push(...page.items);
    }
    const shares = sharesOf(caller.principal);
    return items.map(({ id, name, description }) => ({
      id,
      name,
      description,
      team: { id: team.id, name: team.name },
      permissions: objects.find(({ objectId }) => objectId === id)?.permissions ?? [],
      by: shares.filter(({ objectId }) => objectId === id).map(reasonOf),
    }));
  }
}

/** The teams that own flows which a principal may use from its own team, each with the principal as it acts there. */
function owningTeams(principal: Principal): Map<string, Principal> {
  const found = new Map<string, Principal>();
  for (const { teamId = '' } of sharesOf(principal)) {
    const there = found.has(teamId) ? undefined : principalOfShare(principal, { teamId });
    if (there) found.set(teamId, there);
  }
  return found;
}

function tenantIn({ organisationId, teamId }: Principal): { organisationId: string; teamId: string } {
  return { organisationId, teamId };
}

function reasonOf({ role, group, sharedWith }: Grant): SharedFlow['by'][number] {
  return { role, ...(group !== undefined && { group }), ...(sharedWith && { sharedWith }) };
}

/** Whether there is no such run for the caller; one that may read no run there is told the same. */
function isUnknown(error: unknown): boolean {
  return isCausewayError(error) && /^(RUN_UNKNOWN|PERMISSION_DENIED)$/.test(error.code);
}
