import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { aFlow, freezeProcess, waitFor } from '@causeway/testing';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Asked, aModel } from './a-model.js';
import { connect } from './connection.js';
import { spec } from './flows.js';
import { end, surroundings } from './surroundings.js';

// Each of these tests starts processes; how long that takes depends on the machine.
vi.setConfig({ testTimeout: 300_000 });

const model = await aModel();
const world = await surroundings({
  CAUSEWAY_SCRIPTED_PROVIDER_URL: model.url,
  CAUSEWAY_DRAIN_TIMEOUT_MS: '4000',
});
/** Reads while the other connection holds a lock. */
const observer = await connect(world.databaseUrl);
let executor = await world.startExecutor();

const lastOf = (asked: Asked): string => String(asked.messages.at(-1)?.content);
const askedAbout = (word: string): Asked[] =>
  model.asked.filter((asked) => JSON.stringify(asked.messages).includes(word));

/** Five nodes, two of which call the model. */
const five = () =>
  aFlow().chatInput().prompt('first {a}').model().prompt('second {b}').model().chatOutput().build();

/** An agent with a calculator. */
function agent() {
  return aFlow()
    .chatInput()
    .node(spec('CalculatorComponent'), {
      id: 'Calculator-2',
      node: { tool_mode: true },
      outputs: [{ name: 'component_as_tool', types: ['Tool'], method: 'to_toolkit' }],
    })
    .node(spec('Agent'), { id: 'Agent-3' })
    .edge('ChatInput-1', 'message', 'Agent-3', 'input_value')
    .edge('Calculator-2', 'component_as_tool', 'Agent-3', 'tools')
    .node('ChatOutput', { id: 'ChatOutput-4' })
    .edge('Agent-3', 'response', 'ChatOutput-4', 'input_value')
    .build();
}

async function runnerOf(runId: string): Promise<{ pid: number; kind: string }> {
  const { rows } = await world.database.query<{ pid: number; kind: string }>(
    'SELECT pid, kind FROM executor JOIN execution ON owner = id WHERE run_id = $1',
    [runId],
  );
  return rows[0] as { pid: number; kind: string };
}

async function runners(kind = 'shared'): Promise<{ pid: number }[]> {
  const { rows } = await world.database.query<{ pid: number }>(
    `SELECT pid FROM executor WHERE kind = $1 AND ended_at IS NULL`,
    [kind],
  );
  return rows;
}

/** The process of the runner that takes new runs; one may just be starting. */
async function sharedRunner(): Promise<number> {
  const waiting = { what: 'a shared runner' };
  return waitFor(async () => (await runners())[0]?.pid, waiting);
}

async function journalOf(runId: string): Promise<unknown[]> {
  const sql = 'SELECT path, epoch FROM step_result WHERE run_id = $1 ORDER BY seq';
  return (await world.database.query(sql, [runId])).rows;
}

/** Settles when a runner stands by. */
async function standby(): Promise<void> {
  const waiting = { what: 'a runner that stands by' };
  await waitFor(async () => (await runners('standby')).length > 0, waiting);
}

async function kill(runId: string): Promise<void> {
  process.kill((await runnerOf(runId)).pid, 'SIGKILL');
}

const committed = async (runId: string, path: string): Promise<boolean> =>
  (await world.look(runId)).steps.some((step) => step.path === path && step.status === 'succeeded');

beforeAll(async () => {
  // The first model call loads the provider's library; no test waits for that.
  await world.answer((await world.ring(five(), { inputValue: 'warm up' })).runId);
});

describe('a runner that is killed', () => {
  test('in the middle of a flow: the run continues, and no committed step runs again', async () => {
    const held = Promise.withResolvers<void>();
    model.answer = (asked, index) =>
      lastOf(asked).startsWith('second')
        ? {
            text: `answer to ${lastOf(asked)}`,
            hold: index === secondCall ? held.promise : (undefined as never),
          }
        : { text: `pear of ${lastOf(asked)}` };
    const before = model.asked.length;
    const secondCall = before + 1;
    const { runId } = await world.ring(five(), { inputValue: 'kiwi' });
    await waitFor(() => model.asked.length === before + 2);
    await waitFor(() => committed(runId, 'LanguageModelComponent-3'));
    await kill(runId);
    const answer = await world.answer(runId);
    held.resolve();
    expect(answer.outputs[0]?.outputs[0]?.outputs.message.message).toBe(
      'answer to second pear of first kiwi',
    );
    expect(model.asked.slice(before).map(lastOf)).toEqual([
      'first kiwi',
      'second pear of first kiwi',
      'second pear of first kiwi',
    ]);
    const { epoch, steps } = await world.look(runId);
    expect(epoch).toBe(2);
    const model2 = steps.filter((step) => step.path.startsWith('LanguageModelComponent-5'));
    expect(model2.map((step) => [step.path, step.epoch, step.possiblyPaidTwice])).toEqual([
      ['LanguageModelComponent-5/1', 2, true],
      ['LanguageModelComponent-5', 2, false],
    ]);
    expect(steps.find((step) => step.path === 'LanguageModelComponent-3/1')).toMatchObject({
      epoch: 1,
      possiblyPaidTwice: false,
    });
    // The runner died while it ran, so the next attempt was made in quarantine.
    expect(
      (await world.database.query('SELECT quarantine, crashes FROM execution WHERE run_id = $1', [runId]))
        .rows,
    ).toEqual([{ quarantine: runId, crashes: 0 }]);
  });

  test('between two calls of an agent: the calls before are not made again', async () => {
    const held = Promise.withResolvers<void>();
    let isHeld = true;
    model.answer = (asked) => {
      const hasResult = asked.messages.some((message) => message.role === 'tool');
      if (!hasResult) return { toolCalls: [{ name: 'evaluate_expression', args: { expression: '6*7' } }] };
      const hold = isHeld ? held.promise : Promise.resolve();
      isHeld = false;
      return { text: 'it is 42', hold };
    };
    const { runId } = await world.ring(agent(), { inputValue: 'six by seven, mango' });
    await waitFor(() => askedAbout('mango').length === 2, { what: 'the second model call' });
    await waitFor(() => committed(runId, 'Agent-3/2'), { what: 'the tool call in the journal' });
    await kill(runId);
    const answer = await world.answer(runId);
    held.resolve();
    expect(answer.outputs[0]?.outputs[0]?.outputs.message.message).toBe('it is 42');
    expect(askedAbout('mango')).toHaveLength(3);
    const { steps } = await world.look(runId);
    const calls = steps.filter((step) => step.path.startsWith('Agent-3/'));
    expect(calls.map((step) => [step.path, step.epoch])).toEqual([
      ['Agent-3/1', 1],
      ['Agent-3/2', 1],
      ['Agent-3/3', 2],
    ]);
  });

  test('three times while it executes one run alone: that run is given up, and its error says why', async () => {
    model.answer = () => ({ text: 'never', hold: new Promise(() => {}) });
    const { runId } = await world.ring(five(), { inputValue: 'poison' });
    let last = 0;
    for (const isQuarantine of [false, true, true, true]) {
      const calls = askedAbout('poison').length;
      const { pid } = await waitFor(
        async () => {
          const runner = await runnerOf(runId);
          return (runner.kind === 'quarantine') === isQuarantine && runner.pid !== last ? runner : undefined;
        },
        { timeoutMs: 100_000, what: 'the next runner of the run' },
      );
      await waitFor(() => askedAbout('poison').length > (isQuarantine ? calls - 1 : 0));
      process.kill(pid, 'SIGKILL');
      last = pid;
    }
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'dead', error: { code: 'RUN_DEAD' } });
    expect(state.error?.message).toContain('3 crashes');
    await waitFor(() => world.reports.some((report) => report.runId === runId && report.status === 'dead'));
  });
});

describe('a run whose tokens were over its limit', () => {
  test('when its runner died fails with that reason, and makes no more calls', async () => {
    const held = Promise.withResolvers<void>();
    let isHeld = true;
    model.answer = (asked) =>
      lastOf(asked).startsWith('second') && isHeld
        ? { text: 'late', hold: held.promise }
        : { text: `pear of ${lastOf(asked)}` };
    const before = model.asked.length;
    const { runId } = await world.ring(five(), { inputValue: 'lychee' });
    await waitFor(() => model.asked.length === before + 2);
    await waitFor(() => committed(runId, 'LanguageModelComponent-3'));
    isHeld = false;
    await world.database.query(
      `UPDATE step_result SET output_tokens = 1000000 WHERE run_id = $1 AND path = 'LanguageModelComponent-3/1'`,
      [runId],
    );
    await kill(runId);
    expect(await world.ended(runId)).toMatchObject({ status: 'failed', error: { code: 'LIMIT_TOKENS' } });
    expect(model.asked.length).toBe(before + 2);
    held.resolve();
  });
});

describe('an executor', () => {
  test('that stops while it claims a run gives that one back too', async () => {
    model.answer = (asked) => ({ text: lastOf(asked) });
    const pid = await sharedRunner();
    await world.database.query('BEGIN');
    await world.database.query('LOCK TABLE execution IN SHARE MODE');
    const { runId } = await world.ring(five(), { inputValue: 'medlar' });
    await waitFor(async () => {
      const { rowCount } = await observer.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO execution%'`,
      );
      return rowCount === 1;
    });
    process.kill(pid, 'SIGTERM');
    // It gives back what it holds as soon as it can.
    await sleep(500);
    await world.database.query('COMMIT');
    await waitFor(() => isGone(pid), { what: 'the end of the runner' });
    expect((await world.ended(runId)).status).toBe('succeeded');
    const { rows } = await world.database.query(
      'SELECT quarantine, crashes FROM execution WHERE run_id = $1',
      [runId],
    );
    expect(rows).toEqual([{ quarantine: null, crashes: 0 }]);
  });

  test('that is killed with all its processes: another one finds its runner dead and continues its run', async () => {
    const held = Promise.withResolvers<void>();
    let isHeld = true;
    model.answer = (asked) => {
      const hold = isHeld ? held.promise : Promise.resolve();
      isHeld = false;
      return { text: `grape ${lastOf(asked)}`, hold };
    };
    const { runId } = await world.ring(five(), { inputValue: 'plum' });
    await waitFor(() => askedAbout('plum').length === 1);
    const other = await world.startExecutor();
    // The runner is killed first: it must not have time to give its runs back.
    const { pid } = await runnerOf(runId);
    await freezeProcess(executor.pid ?? 0);
    process.kill(pid, 'SIGKILL');
    executor.kill('SIGKILL');
    executor = other;
    expect((await world.ended(runId)).status).toBe('succeeded');
    held.resolve();
  });

  test('that stops gives back what it could not finish, and the next one continues without counting a crash', async () => {
    let isHeld = true;
    model.answer = (asked) => {
      const hold = isHeld ? new Promise(() => {}) : Promise.resolve();
      isHeld = false;
      return { text: lastOf(asked), hold };
    };
    const { runId } = await world.ring(five(), { inputValue: 'quince' });
    await waitFor(() => askedAbout('quince').length === 1);
    expect(await end(executor)).toBe(0);
    const { rows } = await world.database.query(
      'SELECT owner, status, epoch FROM execution WHERE run_id = $1',
      [runId],
    );
    expect(rows).toEqual([{ owner: null, status: 'running', epoch: 1 }]);
    executor = await world.startExecutor();
    expect((await world.ended(runId)).status).toBe('succeeded');
    const after = await world.database.query(
      'SELECT quarantine, crashes, epoch FROM execution WHERE run_id = $1',
      [runId],
    );
    expect(after.rows).toEqual([{ quarantine: null, crashes: 0, epoch: 2 }]);
  });
});

describe('a runner that does not respond', () => {
  test('is replaced at once for new runs, and is ended before its silence lasts long enough to find it dead', async () => {
    let isHeld = true;
    model.answer = (asked) => {
      const hold = isHeld ? new Promise(() => {}) : Promise.resolve();
      isHeld = false;
      return { text: lastOf(asked), hold };
    };
    await standby();
    const { runId } = await world.ring(five(), { inputValue: 'elder' });
    await waitFor(() => askedAbout('elder').length === 1);
    const { pid } = await runnerOf(runId);
    await freezeProcess(pid);
    await waitFor(async () => (await runners()).some((runner) => runner.pid !== pid), {
      what: 'another shared runner',
    });
    // Its last request for doorbells has expired by now, so it holds no doorbell back.
    const next = await world.ring(five(), { inputValue: 'rowan' });
    await waitFor(async () => (await runnerOf(next.runId)).pid !== undefined);
    expect(isGone(pid)).toBe(false);
    expect((await world.ended(next.runId)).status).toBe('succeeded');
    expect((await world.ended(runId)).status).toBe('succeeded');
    expect(isGone(pid)).toBe(true);
  });

  test('together with its supervisor is found dead by others; when it resumes, nothing that it does counts any more, and it ends', async () => {
    const held = Promise.withResolvers<void>();
    let isHeld = true;
    model.answer = (asked) => {
      const hold = isHeld ? held.promise : Promise.resolve();
      isHeld = false;
      return { text: `fig ${model.asked.length} of ${lastOf(asked)}`, hold };
    };
    const before = model.asked.length;
    const { runId } = await world.ring(five(), { inputValue: 'date' });
    await waitFor(() => model.asked.length === before + 1);
    const { pid } = await runnerOf(runId);
    const supervisor = executor;
    await freezeProcess(supervisor.pid ?? 0);
    await freezeProcess(pid);
    // The answer arrives while the runner does not respond.
    held.resolve();
    try {
      executor = await world.startExecutor();
      const state = await world.ended(runId);
      expect(state.status).toBe('succeeded');
      const journal = await journalOf(runId);
      process.kill(pid, 'SIGCONT');
      await waitFor(() => isGone(pid), {
        what: 'the end of the runner that was found dead',
      });
      expect(await journalOf(runId)).toEqual(journal);
    } finally {
      if (!isGone(pid)) process.kill(pid, 'SIGCONT');
      supervisor.kill('SIGCONT');
      await end(supervisor);
    }
  });
});

describe('a supervisor that is killed', () => {
  test('leaves its runs to end, and new ones wait for the next supervisor: nobody else has keys for them', async () => {
    // The runner that is left has time for its run, also on a busy machine.
    await end(executor);
    executor = await world.startExecutor({ CAUSEWAY_DRAIN_TIMEOUT_MS: '25000' });
    const held = Promise.withResolvers<void>();
    model.answer = (asked) => ({ text: lastOf(asked), hold: held.promise });
    const running = await world.ring(five(), { inputValue: 'cornel' });
    await waitFor(() => askedAbout('cornel').length > 0, { what: 'a model call' });
    const before = await sharedRunner();
    executor.kill('SIGKILL');
    model.answer = (asked) => ({ text: lastOf(asked) });
    const { runId } = await world.ring(five(), { inputValue: 'sorb' });
    held.resolve();
    // Nobody answers requests about runs now, but its row says how it ended.
    await waitFor(
      async () => {
        const { rows } = await world.database.query<{ status: string }>(
          'SELECT status FROM execution WHERE run_id = $1',
          [running.runId],
        );
        return rows[0]?.status === 'succeeded';
      },
      { what: 'the end of the run that was executed' },
    );
    executor = await world.startExecutor();
    expect((await world.ended(runId)).status).toBe('succeeded');
    await waitFor(() => isGone(before), { what: 'the end of the runner that was left' });
    const next = await world.ring(five(), { inputValue: 'service' });
    expect((await world.ended(next.runId)).status).toBe('succeeded');
  });
});

describe('while NATS is down', () => {
  test('a claimed run ends, and its reports are delivered afterwards', async () => {
    const held = Promise.withResolvers<void>();
    model.answer = () => ({ text: 'alone', hold: held.promise });
    await world.answer(
      (await world.ring(five(), { inputValue: 'once' }).then((run) => (held.resolve(), run))).runId,
    );
    const again = Promise.withResolvers<void>();
    model.answer = () => ({ text: 'alone', hold: again.promise });
    const { runId } = await world.ring(five(), { inputValue: 'olive' });
    await waitFor(() => askedAbout('olive').length === 1);
    await world.nats.kill();
    again.resolve();
    const status = async () =>
      (
        await world.database.query<{ status: string }>('SELECT status FROM execution WHERE run_id = $1', [
          runId,
        ])
      ).rows[0]?.status;
    await waitFor(async () => (await status()) === 'succeeded');
    await world.nats.start();
    await waitFor(() => world.reports.some((report) => report.runId === runId));
    expect(world.reports.filter((report) => report.runId === runId).map((report) => report.status)).toEqual([
      'succeeded',
    ]);
  });
});

/** True when a process has ended, also before its parent has read its exit code. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
}
