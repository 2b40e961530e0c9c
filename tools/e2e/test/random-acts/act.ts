import { sharesOf } from '@causeway/authz';
import type { Principal } from '@causeway/contracts';
import type { Answer } from '../support/api.js';
import { type Access, type Key, type Verdict, principalOf } from './access-model.js';
import type { Flow, Random, World } from './world.js';

/** What an answer has to be. */
export interface Expected {
  readonly verdict: Verdict;
  /** What the answer has to show, when it is a list; or, of what one may do, what is allowed. */
  readonly shows?: readonly string[];
}

/** One request that somebody sends. */
export interface Act {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** By `libs/authz`, from who has which access. */
  expect(principal: Principal, access: Access): Expected;
  /** What the answer shows, in the words of `Expected.shows`. */
  shown?(answer: Answer): readonly string[];
  /** Changes the world as the request has, once it has succeeded. */
  apply?(answer: Answer): void | Promise<void>;
}

/** Chooses an act of somebody. Undefined when there is nothing that it could be about. */
export type Choose = (world: World, key: Key, choice: Choice) => Act | undefined;

/** Choices that a seed decides. */
export class Choice {
  constructor(readonly random: Random) {}

  pick<T>(some: readonly T[]): T {
    return some[Math.floor(this.random() * some.length)] as T;
  }

  /** Mostly something of the key's own team, sometimes of another team, sometimes of another organisation. */
  near<T extends { readonly team: { readonly id: string; readonly organisationId: string } }>(
    some: readonly T[],
    { teamId, holder }: Key,
  ): T | undefined {
    const chance = this.random();
    const isNear = ({ team }: T): boolean => {
      if (chance < 0.65) return team.id === teamId;
      const isHere = team.organisationId === holder.organisationId;
      return chance < 0.85 ? isHere && team.id !== teamId : !isHere;
    };
    const found = some.filter(isNear);
    return found.length > 0 ? this.pick(found) : undefined;
  }

  /** A flow of another team that somebody may use from the own one, if there is one; else any. */
  flow({ flows, access }: World, key: Key): Flow | undefined {
    const principal = this.random() < 0.4 ? principalOf(access, key) : 'not asked';
    const shares = typeof principal === 'string' ? [] : sharesOf(principal);
    const shared = flows.filter(({ id }) => shares.some(({ objectId }) => objectId === id));
    return shared.length > 0 ? this.pick(shared) : this.near(flows, key);
  }
}

/** What the answer to an act of a key has to be. */
export function expectedOf(act: Act, key: Key, access: Access): Expected {
  const principal = principalOf(access, key);
  return typeof principal === 'string' ? { verdict: principal } : act.expect(principal, access);
}

/** What is wrong with an answer; undefined when it is the expected one. */
export function findDifference({ verdict, shows }: Expected, act: Act, answer: Answer): string | undefined {
  const got = verdictOfAnswer(answer);
  if (got !== verdict) return `expected ${verdict}, got ${got}`;
  if (verdict !== 'ok' || !shows || !act.shown) return undefined;
  const shown = act.shown(answer);
  const more = shown.filter((one) => !shows.includes(one));
  const less = shows.filter((one) => !shown.includes(one));
  return more.length + less.length === 0
    ? undefined
    : `shows ${more.join(', ') || 'nothing'} too much, and not ${less.join(', ') || 'nothing'}`;
}

function verdictOfAnswer({ status, text }: Answer): Verdict {
  if (status < 300) return 'ok';
  const [, code] = /"code":"(\w+)"/.exec(text) ?? [];
  return code ?? `${status} ${text.slice(0, 200)}`;
}
