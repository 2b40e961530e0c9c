import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallRecord } from '@causeway/scripted-provider';
import { waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { type RunPage, chatText } from '../support/api.js';
import { type Killed, Victim, aimAtOwner, quiet, runOfKey } from '../support/faults.js';
import { agentFlow, chainFlow } from '../support/flows.js';
import { chosenSeed, seededNumbers } from '../support/seeded.js';
import type { Site } from '../support/site.js';
import type { Stack } from '../support/stack.js';

/** How often each kill is tried: 5 times, or as CAUSEWAY_KILLS says. */
const KILLS = Number(process.env['CAUSEWAY_KILLS'] ?? 5);
const DELAY_MS = 400;
/** A kill after the end of the run proves nothing: its round is repeated, at most so often in total. */
const TRIES = 10;
const victims = Object.values(Victim);

/** The effects of a kill on a run, for the report of a failure. */
interface Round {
  readonly runId: string;
  readonly text: string | undefined;
  readonly run: RunPage;
  readonly killed: Killed;
  /** The provider's log of this run alone, oldest first. */
  readonly calls: readonly CallRecord[];
}

/** `kill -9` of the process that executes a run, at seeded moments. The proof is the provider's own log. */
export function killStories(stack: Stack, slowSite: Site): void {
  const { api, provider } = stack;
  const seed = chosenSeed();
  const timeout = 60_000 + KILLS * 120_000;

  /** Starts a run, kills its owner when `moment` settles, and waits for its answer. */
  const play = async (
    flow: string,
    marker: string,
    moment: () => Promise<void>,
    victim: Victim,
  ): Promise<Round> => {
    const key = randomUUID();
    const answer = api.run(flow, { input_value: marker }, { 'idempotency-key': key });
    const runId = await runOfKey(stack, key);
    const kill = await aimAtOwner(stack, runId, victim);
    await moment();
    const killed = await kill();
    const text = chatText(await answer);
    const calls = callsOf(marker);
    return { runId, text, run: await api.getRun(runId), killed, calls };
  };
  /** Repeats a round until its kill comes in time; each try has a marker of its own and must get the right answer. */
  const playInTime = async (
    round: string,
    once: (marker: string) => Promise<Round>,
    answerTo: (marker: string) => string,
  ): Promise<Round & { readonly marker: string }> => {
    for (let attempt = 1; ; attempt += 1) {
      const marker = `${round}-${attempt}-end`;
      const played = await once(marker);
      expect(played.text).toBe(answerTo(marker));
      if (attempt === TRIES) expect(played.killed.inTime).toBe(true);
      if (played.killed.inTime) return { ...played, marker };
    }
  };
  const callsOf = (marker: string): CallRecord[] =>
    provider.calls().filter(({ messages }) => JSON.stringify(messages).includes(marker));
  const callsBegun = (marker: string, n: number) =>
    waitFor(() => callsOf(marker).length >= n, { what: `call ${n} of ${marker}`, everyMs: 1 });
  const callEnded = (marker: string) =>
    waitFor(() => callsOf(marker)[0]?.outcome === 'completed', {
      what: `the first answer to ${marker}`,
      everyMs: 1,
    });

  describe(`kill -9, ${KILLS} times each (CAUSEWAY_SEED=${seed})`, () => {
    test('in the middle of a five-node flow', { timeout }, async () => {
      const random = seededNumbers(seed);
      provider.setScript([{ reply: { delayMs: DELAY_MS } }]);
      const { id } = await api.importFlow(chainFlow());
      for (let round = 0; round < KILLS; round += 1) {
        const once = (marker: string): Promise<Round> => {
          const stage = 1 + Math.floor(random() * 3);
          const waitMs = random() * DELAY_MS * (stage === 3 ? 0.7 : 1);
          const moment = async () => {
            await callsBegun(marker, stage);
            await pause(waitMs);
          };
          return play(id, marker, moment, pick(random));
        };
        const played = await playInTime(
          `chain-${seed}-${round}`,
          once,
          (marker) => `You said: You said: You said: ${marker}`,
        );
        // The n-th model receives the answers of n - 1 models.
        for (let stage_ = 1; stage_ <= 3; stage_ += 1) {
          const heard = `${'You said: '.repeat(stage_ - 1)}${played.marker}`;
          const calls = played.calls.filter(({ messages }) => textOf(messages?.at(-1)) === heard);
          const [step] = callSteps(played.run, `LanguageModelComponent-${stage_ + 1}`);
          expectPaidOnce(step, calls, played);
        }
      }
      provider.setScript([]);
    });

    test('between two model calls of an agent', { timeout }, async () => {
      const random = seededNumbers(seed + 1);
      const { id } = await api.importFlow(agentFlow('URLComponent'));
      for (let round = 0; round < KILLS; round += 1) {
        const once = (marker: string): Promise<Round> => {
          const page = `${slowSite.url}/${marker}`;
          provider.setScript([
            {
              when: { hasToolResult: false, toolsOffered: true },
              reply: { toolCalls: [{ name: 'fetch_content', args: { urls: [page] } }] },
            },
            { when: { hasToolResult: true }, reply: { text: `done ${marker}`, delayMs: DELAY_MS } },
          ]);
          // Every other time it is the worst moment: the second call was just sent, and the answer before it was or was not committed a moment ago.
          const isWorst = round % 2 === 1;
          const waitMs = random() * (isWorst ? 4 : DELAY_MS * 1.6);
          const moment = async () => {
            await (isWorst ? callsBegun(marker, 2) : callEnded(marker));
            await pause(waitMs);
          };
          return play(id, marker, moment, pick(random));
        };
        const played = await playInTime(`agent-${seed}-${round}`, once, (marker) => `done ${marker}`);
        const [first, tool, second] = callSteps(played.run, 'Agent-1');
        const hasResult = (call: CallRecord): boolean => JSON.stringify(call.messages).includes('"tool"');
        expectPaidOnce(
          first,
          played.calls.filter((call) => !hasResult(call)),
          played,
        );
        expectPaidOnce(second, played.calls.filter(hasResult), played);
        const fetched = slowSite.requests.filter((path) => path === `/${played.marker}`).length;
        expect(fetched).toBeLessThanOrEqual(tool?.epoch === 1 ? 1 : 2);
      }
      provider.setScript([]);
    });

    test('leaves nothing behind', { timeout: 150_000 }, async () => {
      await quiet(stack);
      const ready = (): Promise<boolean[]> =>
        Promise.all([...stack.causeway.services.values()].map((service) => service.isReady()));
      await expect.poll(ready).not.toContain(false);
    });
  });
}

function pick(random: () => number): Victim {
  return victims[Math.floor(random() * victims.length)] as Victim;
}

/** The calls of one node, in the order in which it made them; calls inside those calls are left out. */
function callSteps(run: RunPage, nodePath: string): RunPage['steps'] {
  const numberOf = (path: string): number => Number(path.slice(nodePath.length + 1));
  return run.steps
    .filter(({ path }) => path.startsWith(`${nodePath}/`) && Number.isInteger(numberOf(path)))
    .toSorted((a, b) => numberOf(a.path) - numberOf(b.path));
}

/**
 * A step that was committed before the kill was paid once. Any other step was paid at most twice, and then its row says so.
 */
function expectPaidOnce(
  step: RunPage['steps'][number] | undefined,
  calls: readonly CallRecord[],
  round: Round,
): void {
  const facts = {
    run: round.runId,
    path: step?.path,
    calls: calls.length,
    calledAfterKill: calls.filter(({ arrivedAtMs }) => arrivedAtMs > round.killed.atMs).length,
    epoch: step?.epoch,
    possiblyPaidTwice: step?.possiblyPaidTwice,
  };
  const isCommitted = step?.epoch === 1;
  expect(facts).toEqual({
    ...facts,
    calls: isCommitted || calls.length < 2 ? 1 : 2,
    ...(isCommitted && { calledAfterKill: 0 }),
    ...(calls.length > 1 && { possiblyPaidTwice: true }),
  });
}

function textOf(message: unknown): unknown {
  return (message as { content?: unknown } | undefined)?.content;
}
