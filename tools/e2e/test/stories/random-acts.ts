import { waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { accessActs } from '../random-acts/access-acts.js';
import type { Access, Key } from '../random-acts/access-model.js';
import { Choice, expectedOf, findDifference } from '../random-acts/act.js';
import { forgetEnded } from '../random-acts/deletion-acts.js';
import { objectActs } from '../random-acts/object-acts.js';
import { type World, makeWorld } from '../random-acts/world.js';
import { chosenSeed, seededNumbers } from '../support/seeded.js';
import type { Stack } from '../support/stack.js';

/** How many acts follow one another with one seed, and how many seeds there are. */
const ACTS = Number(process.env['CAUSEWAY_ACTS'] ?? 250);
const SEEDS = Number(process.env['CAUSEWAY_ACT_SEEDS'] ?? 1);
/** How long a gateway may remember what somebody could do before. */
const REMEMBERED_MS = 1_000;
/** How many acts are about access: with more, nobody has a role any more after a while. */
const SHARE_OF_ACCESS = 0.45;
/** So many acts must have been allowed, and so many kinds of answers given: else nothing was tested. */
const LEAST_ALLOWED = 0.15;
const LEAST_VERDICTS = 8;
/** So many times a flow of another team must have been used by a share. */
const LEAST_BY_SHARE = 1;
/** So many acts are those of a founder, who may do everything in their organisation: else little would change. */
const SHARE_OF_FOUNDERS = 0.2;
/** More of them say nothing more. */
const MOST_DIFFERENCES = 20;

/** What people of two organisations with three teams each may do, whatever they were given: `libs/authz` alone says it. */
export function randomActStories(stack: Stack): void {
  describe('two organisations with three teams each', () => {
    const first = chosenSeed();
    test.each(Array.from({ length: SEEDS }, (_, at) => first + at))(
      'N7, N29, N30, N37: answer random acts of random people as libs/authz decides (CAUSEWAY_SEED=%i)',
      async (seed) => {
        const random = seededNumbers(seed);
        const player = new Player(stack, await makeWorld(stack, random), new Choice(random));
        for (let at = 0; at < ACTS; at++) await player.act(at);
        process.stdout.write(`seed ${seed}: ${player.report()}\n`);
        expect(player.differences).toEqual([]);
        expect(player.verdicts.get('ok')).toBeGreaterThan(ACTS * LEAST_ALLOWED);
        expect(player.verdicts.size).toBeGreaterThanOrEqual(LEAST_VERDICTS);
        expect(player.byShare).toBeGreaterThanOrEqual(LEAST_BY_SHARE);
      },
      600_000,
    );
  });
}

/** Lets people act, one after the other, and keeps what was not as expected. */
class Player {
  readonly differences: string[] = [];
  /** How often each verdict was expected and given. */
  readonly verdicts = new Map<string, number>();
  /** How often somebody was allowed to do something with a flow of another team. */
  byShare = 0;
  private remembered = 0;
  /** What access was before the last changes, which gateways may remember. */
  private former: { readonly access: Access; readonly untilMs: number }[] = [];

  constructor(
    private readonly stack: Stack,
    private readonly world: World,
    private readonly choice: Choice,
  ) {}

  async act(at: number): Promise<void> {
    const { world, choice } = this;
    const key = this.chooseKey();
    const acts = choice.random() < SHARE_OF_ACCESS ? accessActs : objectActs;
    const act = choice.pick(acts)(world, key, choice);
    const api = world.apis.get(key.id);
    if (!act || !api) return;
    const before = world.access;
    const sentMs = Date.now();
    const answer = await api.send(act.method, act.path, act.body === undefined ? {} : { body: act.body });
    const expected = expectedOf(act, key, before);
    const difference = findDifference(expected, act, answer);
    if (difference === undefined) {
      this.count(expected.verdict);
      const isElsewhere = world.flows.some(({ id, team }) => act.what.includes(id) && team.id !== key.teamId);
      if (expected.verdict === 'ok' && acts === objectActs && isElsewhere) this.byShare += 1;
    } else if (
      this.isRemembered(sentMs, (access) => findDifference(expectedOf(act, key, access), act, answer))
    )
      this.remembered += 1;
    else if (this.differences.length < MOST_DIFFERENCES)
      this.differences.push(`${at}: ${this.describe(key, before)}: ${act.what}: ${difference}`);
    if (answer.status < 300) await act.apply?.(answer);
    if (world.access !== before) await this.changed(before);
    forgetEnded(world);
  }

  report(): string {
    const counts = [...this.verdicts].toSorted(([, one], [, other]) => other - one);
    const told = counts.map(([verdict, count]) => `${count} ${verdict}`).join(', ');
    return `${told}; ${this.byShare} by shares; ${this.remembered} answered by what was remembered`;
  }

  private chooseKey(): Key {
    const { access } = this.world;
    const valid = access.keys.filter(
      ({ id, holder }) => !access.ended.has(id) && !access.ended.has(holder.id),
    );
    const chance = this.choice.random();
    if (chance < 0.05) return this.choice.pick(access.keys);
    const isFounder = ({ id }: { readonly id: string }): boolean =>
      access.bindings.some(({ role, subjectId }) => role === 'owner' && subjectId === id);
    return this.choice.pick(
      chance < SHARE_OF_FOUNDERS ? valid.filter(({ holder }) => isFounder(holder)) : valid,
    );
  }

  /** Whether an answer is the right one for what access was a moment ago. */
  private isRemembered(sentMs: number, differenceOf: (access: Access) => string | undefined): boolean {
    return this.former.some(({ access, untilMs }) => untilMs > sentMs && differenceOf(access) === undefined);
  }

  private async changed(before: Access): Promise<void> {
    const nowMs = Date.now();
    const { bindings } = this.world.access;
    const gone = before.bindings
      .filter(({ id }) => !bindings.some((one) => one.id === id))
      .map(({ id }) => id);
    // The roles of a flow end a moment after the flow.
    await waitFor(async () => {
      const rows = await this.stack.sql('select id from auth.role_binding where id::text = any($1)', [gone]);
      return rows.length === 0;
    });
    this.former = [
      ...this.former.filter(({ untilMs }) => untilMs > nowMs),
      { access: before, untilMs: Date.now() + REMEMBERED_MS },
    ];
  }

  private count(verdict: string): void {
    this.verdicts.set(verdict, (this.verdicts.get(verdict) ?? 0) + 1);
  }

  private describe({ id, holder, teamId, permissions }: Key, access: Access): string {
    const groups = [...access.groups].filter(([, members]) => members.has(holder.id)).map(([group]) => group);
    const roles = access.bindings
      .filter(({ subjectId }) => subjectId === holder.id || groups.includes(subjectId))
      .map(({ role, level, objectId }) => `${role} in ${level} ${objectId}`);
    return `${holder.kind} ${holder.id} in team ${teamId} with key ${id} for ${permissions.length} permissions, ${roles.join(', ')}`;
  }
}
