import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallRecord } from '@causeway/scripted-provider';
import { waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { type RunPage, chatText } from '../support/api.js';
import { Victim, killOwner, quiet, runOfKey } from '../support/faults.js';
import { agentFlow, chainFlow } from '../support/flows.js';
import { chosenSeed, seededNumbers } from '../support/seeded.js';
import type { Site } from '../support/site.js';
import type { Stack } from '../support/stack.js';

/** How often each kill is tried: 5 times, or as CAUSEWAY_KILLS says. */
const KILLS = Number(process.env['CAUSEWAY_KILLS'] ?? 5);
const DELAY_MS = 250;
const victims = Object.values(Victim);

/** What a kill did to a run, for the report of a failure. */
interface Round {
  readonly runId: string;
  readonly text: string | undefined;
  readonly run: RunPage;
  readonly killed: { readonly atMs: number; readonly inTime: boolean };
  /** The provider's log of this run alone, oldest first. */
  readonly calls: readonly CallRecord[];
}

/** `kill -9` of what walks a run, at seeded moments. The proof is the provider's own log. */
export function killStories(stack: Stack, slowSite: Site): void {
  const { api, provider } = stack;
  const seed = chosenSeed();
  const timeout = 60_000 + KILLS * 30_000;

  /** Starts a run, kills its owner when `moment` has come, and waits for its answer. */
  const play = async (
    flow: string,
    marker: string,
    moment: () => Promise<void>,
    victim: Victim,
  ): Promise<Round> => {
    const key = randomUUID();
    const answer = api.run(flow, { input_value: marker }, { 'idempotency-key': key });
    const runId = await runOfKey(stack, key);
    await moment();
    const killed = await killOwner(stack, runId, victim);
    const text = chatText(await answer);
    const calls = callsOf(marker);
    return { runId, text, run: await api.getRun(runId), killed, calls };
  };
  const callsOf = (marker: string): CallRecord[] =>
    provider.calls().filter(({ messages }) => JSON.stringify(messages).includes(marker));
  const callsBegun = (marker: string, n: number) =>
    waitFor(() => callsOf(marker).length >= n, { what: `call ${n} of ${marker}`, everyMs: 5 });
  const callEnded = (marker: string) =>
    waitFor(() => callsOf(marker)[0]?.outcome === 'completed', {
      what: `the first answer to ${marker}`,
      everyMs: 5,
    });

  describe(`kill -9, ${KILLS} times each (CAUSEWAY_SEED=${seed})`, () => {
    test('in the middle of a five-node flow', { timeout }, async () => {
      const random = seededNumbers(seed);
      provider.setScript([{ reply: { delayMs: DELAY_MS } }]);
      const { id } = await api.importFlow(chainFlow());
      for (let round = 0; round < KILLS; round += 1) {
        const marker = `chain-${seed}-${round}-end`;
        const stage = 1 + Math.floor(random() * 3);
        const waitMs = random() * DELAY_MS * (stage === 3 ? 0.7 : 1);
        const moment = async () => {
          await callsBegun(marker, stage);
          await pause(waitMs);
        };
        const played = await play(id, marker, moment, pick(random));
        expect(played.text).toBe(`You said: You said: You said: ${marker}`);
        expect(played.killed.inTime).toBe(true);
        // The n-th model hears what n - 1 models have said.
        for (let stage_ = 1; stage_ <= 3; stage_ += 1) {
          const heard = `${'You said: '.repeat(stage_ - 1)}${marker}`;
          const calls = played.calls.filter(({ messages }) => textOf(messages?.at(-1)) === heard);
          const step = modelCalls(played.run)[stage_ - 1];
          expectPaidOnce(step, calls, played);
        }
      }
      provider.setScript([]);
    });

    test('between two model calls of an agent', { timeout }, async () => {
      const random = seededNumbers(seed + 1);
      const { id } = await api.importFlow(agentFlow('URLComponent'));
      for (let round = 0; round < KILLS; round += 1) {
        const marker = `agent-${seed}-${round}-end`;
        const page = `${slowSite.url}/${marker}`;
        provider.setScript([
          {
            when: { hasToolResult: false, toolsOffered: true },
            reply: { toolCalls: [{ name: 'fetch_content', args: { urls: [page] } }] },
          },
          { when: { hasToolResult: true }, reply: { text: `done ${marker}`, delayMs: DELAY_MS } },
        ]);
        const waitMs = random() * DELAY_MS * 1.6;
        const moment = async () => {
          await callEnded(marker);
          await pause(waitMs);
        };
        const played = await play(id, marker, moment, pick(random));
        expect(played.text).toBe(`done ${marker}`);
        expect(played.killed.inTime).toBe(true);
        const [first, tool, second] = callSteps(played.run);
        const hasResult = (call: CallRecord): boolean => JSON.stringify(call.messages).includes('"tool"');
        expectPaidOnce(
          first,
          played.calls.filter((call) => !hasResult(call)),
          played,
        );
        expectPaidOnce(second, played.calls.filter(hasResult), played);
        const fetched = slowSite.requests.filter((path) => path === `/${marker}`).length;
        expect(fetched).toBeLessThanOrEqual(tool?.epoch === 1 ? 1 : 2);
      }
      provider.setScript([]);
    });

    test('leaves nothing behind', { timeout: 90_000 }, async () => {
      await quiet(stack);
      for (const service of stack.causeway.services.values()) expect(await service.isReady()).toBe(true);
    });
  });
}

function pick(random: () => number): Victim {
  return victims[Math.floor(random() * victims.length)] as Victim;
}

/** The calls inside nodes, in the order of their paths. */
function callSteps(run: RunPage): RunPage['steps'] {
  return run.steps.filter(({ path }) => /\/\d+$/.test(path)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function modelCalls(run: RunPage): RunPage['steps'] {
  return callSteps(run).filter(({ nodeType }) => nodeType === 'LanguageModelComponent');
}

/**
 * A step that was committed before the kill was paid once. One that was not was paid once more at most, and then says so.
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
