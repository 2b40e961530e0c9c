import { randomUUID } from 'node:crypto';
import { testDatabase } from '@causeway/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { columnText } from '../src/domain/journal/column-text.js';
import { Journal } from '../src/walk/journal.js';
import { releaseRunsSql } from '../src/store/runners/executor.sql.js';
import { RunStore } from '../src/store/run.store.js';
import { aChunk, aStep, anEnd } from './a-chunk.js';
import { anEnvelope } from './an-envelope.js';
import { connect } from './connection.js';

const database = await testDatabase({ services: ['executor'] });
const connection = await connect(database.urls['executor'] as string);
const store = new RunStore(connection);
const runner = { id: randomUUID(), engineVersion: 1 };
const next = { id: randomUUID(), readableEngines: [1] };

beforeAll(async () => {
  for (const { id } of [runner, next])
    await connection.query(
      `INSERT INTO executor (id, kind, host, pid, engine_version) VALUES ($1, 'shared', 'test', 1, 1)`,
      [id],
    );
});

async function claimed(count = 1): Promise<string[]> {
  const envelopes = Array.from({ length: count }, () => anEnvelope());
  const leases = await store.claim(envelopes, runner);
  expect(leases.size).toBe(count);
  return envelopes.map((envelope) => envelope.runId);
}

async function rowsOf(runId: string): Promise<{ path: string; epoch: number }[]> {
  const sql = 'SELECT path, epoch FROM step_result WHERE run_id = $1 ORDER BY seq';
  return (await connection.query<{ path: string; epoch: number }>(sql, [runId])).rows;
}

describe('claiming', () => {
  test('a second doorbell claims nothing', async () => {
    const envelope = anEnvelope();
    expect((await store.claim([envelope], runner)).size).toBe(1);
    expect((await store.claim([envelope], runner)).size).toBe(0);
  });

  test('the deadline counts from the claim', async () => {
    const envelope = anEnvelope({ limits: { timeoutMs: 1_500, maxTokens: 1, memoryBytes: 1 } });
    const lease = (await store.claim([envelope], runner)).get(envelope.runId);
    expect((lease?.deadlineMs ?? 0) - (lease?.claimedMs ?? 0)).toBeCloseTo(1_500, 0);
  });

  test('a runner that was found dead claims nothing', async () => {
    const dead = randomUUID();
    await connection.query(
      `INSERT INTO executor (id, kind, host, pid, engine_version, ended_at) VALUES ($1, 'shared', 'test', 1, 1, now())`,
      [dead],
    );
    expect((await store.claim([anEnvelope()], { id: dead, engineVersion: 1 })).size).toBe(0);
  });

  test('a run that a stopping runner gave back continues under the next epoch, and its old owner writes no more', async () => {
    const [runId = ''] = await claimed();
    await store.write([aChunk(runId, { steps: [aStep('done', 2)] })]);
    await connection.query(releaseRunsSql, [runner.id, null]);
    const adopted = (await store.adoptReleased(next, 1_000)).find((run) => run.runId === runId);
    expect(adopted).toMatchObject({ epoch: 2, quarantine: undefined, cancelRequested: false });
    expect(await store.write([aChunk(runId, { steps: [aStep('late', 3)] })])).toEqual([{ kind: 'lost' }]);
    expect(await rowsOf(runId)).toEqual([{ path: 'done', epoch: 1 }]);
  });
});

describe('group commit', () => {
  test('a run that lost its lease writes nothing, and its neighbours in the same statement do', async () => {
    const [one = '', fenced = '', three = ''] = await claimed(3);
    await connection.query('UPDATE execution SET epoch = 2 WHERE run_id = $1', [fenced]);
    const chunks = [one, fenced, three].map((runId) =>
      aChunk(runId, { steps: [aStep('a', 2)], end: anEnd(3) }),
    );
    expect(await store.write(chunks)).toEqual([
      { kind: 'written', cancelRequested: false },
      { kind: 'lost' },
      { kind: 'written', cancelRequested: false },
    ]);
    expect(await rowsOf(fenced)).toEqual([]);
    expect(await rowsOf(three)).toEqual([{ path: 'a', epoch: 1 }]);
    const { rows } = await connection.query('SELECT status FROM execution WHERE run_id = $1', [fenced]);
    expect(rows).toEqual([{ status: 'running' }]);
  });

  test('reports that the run was cancelled', async () => {
    const [runId = ''] = await claimed();
    await store.requestCancel(runId, anEnvelope().teamId, '{}');
    expect(await store.write([aChunk(runId, { steps: [aStep('a', 2)] })])).toEqual([
      { kind: 'written', cancelRequested: true },
    ]);
  });

  test('writes every kind of row at once', async () => {
    const [runId = ''] = await claimed();
    const at = '2026-01-01T00:00:01.000Z';
    const call = { nodeId: 'n', nodeType: 'Agent', nodeName: 'Agent', startedAt: at };
    const chunk = aChunk(runId, {
      steps: [aStep('n', 2, { tokens: { input: 3, output: 4 }, closedOutputs: ['b'], items: 2, model: 'm' })],
      attempts: [{ path: 'n/1', ...call }],
      incidents: [{ seq: 3, at, type: 'effect.unknown', path: 'n/1', data: '{"name":"send"}' }],
      effects: [
        {
          path: 'n/1',
          state: 'intent',
          effects: 'unsafe',
          name: 'send',
          idempotencyKey: 'k',
          requestHash: 'h',
          intendedAt: at,
        },
      ],
      messages: [
        {
          id: randomUUID(),
          flowId: randomUUID(),
          sessionId: 's',
          contextId: '',
          sender: 'User',
          senderName: 'Ada',
          error: false,
          at,
          seq: 2,
          body: '{}',
        },
      ],
      end: anEnd(4, { tokensUsed: 4 }),
    });
    expect(await store.write([chunk])).toEqual([{ kind: 'written', cancelRequested: false }]);
    const { rows } = await connection.query(
      'SELECT seq, type, path, data FROM run_event WHERE run_id = $1 ORDER BY seq',
      [runId],
    );
    expect(rows.map((row) => [row['seq'], row['type'], row['path']])).toEqual([
      [1, 'run.started', null],
      [2, 'step.succeeded', 'n'],
      [3, 'effect.unknown', 'n/1'],
      [4, 'run.succeeded', null],
    ]);
    expect(JSON.parse(rows[1]?.['data'] as string)).toMatchObject({
      nodeType: 'Prompt',
      epoch: 1,
      error: null,
    });
    const counts = await connection.query(
      `SELECT (SELECT count(*)::int FROM message WHERE run_id = $1) AS messages, (SELECT count(*)::int FROM effect WHERE run_id = $1) AS effects,
              (SELECT count(*)::int FROM step_attempt WHERE run_id = $1) AS attempts, (SELECT tokens_used FROM execution WHERE run_id = $1) AS tokens,
              (SELECT envelope FROM execution WHERE run_id = $1) AS envelope`,
      [runId],
    );
    expect(counts.rows[0]).toEqual({ messages: 1, effects: 1, attempts: 1, tokens: 4, envelope: null });
  });
});

describe('an ending', () => {
  const effect = (path: string, state: 'intent' | 'confirmed') => ({
    path,
    state,
    effects: 'unsafe' as const,
    name: 'send',
    idempotencyKey: path,
    requestHash: 'h',
    intendedAt: '2026-01-01T00:00:01.000Z',
  });

  test('leaves no effect open: one that was not settled is unknown', async () => {
    const [runId = '', neighbour = ''] = await claimed(2);
    await store.write([
      aChunk(runId, { effects: [effect('a', 'intent'), effect('b', 'intent')] }),
      aChunk(neighbour, { effects: [effect('a', 'intent')] }),
    ]);
    await store.write([
      aChunk(runId, { effects: [effect('a', 'confirmed')], end: anEnd(2) }),
      aChunk(neighbour, { steps: [aStep('x', 2)] }),
    ]);
    const { rows } = await connection.query(
      'SELECT run_id, path, state FROM effect WHERE run_id = ANY($1) ORDER BY run_id = $2, path',
      [[runId, neighbour], neighbour],
    );
    expect(rows).toEqual([
      { run_id: runId, path: 'a', state: 'confirmed' },
      { run_id: runId, path: 'b', state: 'unknown' },
      { run_id: neighbour, path: 'a', state: 'intent' },
    ]);
  });
});

describe('after a COMMIT of unknown outcome', () => {
  test('the same rows again are written again', async () => {
    const [runId = ''] = await claimed();
    const chunk = aChunk(runId, { steps: [aStep('a', 2), aStep('b', 3)] });
    expect(await store.write([chunk])).toEqual([{ kind: 'written', cancelRequested: false }]);
    expect(await store.write([chunk])).toEqual([{ kind: 'written', cancelRequested: false }]);
    expect(await rowsOf(runId)).toHaveLength(2);
  });

  test('a journal sends the same rows again, and its run continues', async () => {
    const [runId = ''] = await claimed();
    let isCut = true;
    const cut = Object.assign(Object.create(store) as RunStore, {
      write: async (chunks: Parameters<RunStore['write']>[0]) => {
        const outcomes = await store.write(chunks);
        if (!isCut) return outcomes;
        isCut = false;
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      },
    });
    const journal = new Journal(cut).open(runId, 1, 1, { cancelRequested: () => {}, failed: () => {} });
    const { seq: _first, ...one } = aStep('one', 2);
    const { seq: _second, ...two } = aStep('two', 3);
    journal.pending.step(one);
    await journal.flush();
    journal.pending.step(two);
    await journal.flush();
    expect(isCut).toBe(false);
    expect((await rowsOf(runId)).map((row) => row.path)).toEqual(['one', 'two']);
  });

  test('the same ending again is still one ending, reported once', async () => {
    const [runId = ''] = await claimed();
    const chunk = aChunk(runId, { steps: [aStep('a', 2)], end: anEnd(3) });
    expect(await store.write([chunk])).toEqual([{ kind: 'written', cancelRequested: false }]);
    expect(await store.write([chunk])).toEqual([{ kind: 'written', cancelRequested: false }]);
    const { rows } = await connection.query('SELECT count(*)::int AS n FROM outbox WHERE id = $1', [
      chunk.end?.outbox[0]?.id,
    ]);
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('an ending by another process means a lost lease', async () => {
    const [runId = ''] = await claimed();
    await connection.query(
      `UPDATE execution SET epoch = 2, status = 'timed_out', last_seq = 3 WHERE run_id = $1`,
      [runId],
    );
    expect(await store.write([aChunk(runId, { end: anEnd(3) })])).toEqual([{ kind: 'lost' }]);
  });

  test('other content under the same path is a conflict, and the stored row stays', async () => {
    const [runId = '', neighbour = ''] = await claimed(2);
    await store.write([aChunk(runId, { steps: [aStep('a', 2)] })]);
    const other = aChunk(runId, { steps: [aStep('a', 2, { outputs: '{"prompt":"other"}' })] });
    expect(await store.write([other, aChunk(neighbour, { steps: [aStep('a', 2)] })])).toEqual([
      { kind: 'conflict' },
      { kind: 'written', cancelRequested: false },
    ]);
  });
});

describe('texts that Postgres does not accept', () => {
  const odd = 'nul \0, lone \ud800, pair 😀, quote " \\ {,}';

  test('survive as JSON in a payload column', async () => {
    const [runId = ''] = await claimed();
    const outputs = JSON.stringify({ out: odd });
    await store.write([aChunk(runId, { steps: [aStep('a', 2, { outputs })] })]);
    const { rows } = await connection.query('SELECT outputs FROM step_result WHERE run_id = $1', [runId]);
    expect(JSON.parse(rows[0]?.['outputs'] as string)).toEqual({ out: odd });
    const events = await connection.query('SELECT data FROM run_event WHERE run_id = $1', [runId]);
    expect(events.rowCount).toBe(2);
  });

  test('are changed to fit a searched column', async () => {
    const { rows } = await connection.query<{ text: string }>('SELECT $1::text AS text', [columnText(odd)]);
    expect(rows[0]?.text).toBe('nul ␀, lone �, pair 😀, quote " \\ {,}');
    expect(columnText('x'.repeat(10_000))).toHaveLength(500);
    expect(columnText('x'.repeat(10_000))).not.toBe(columnText('x'.repeat(10_001)));
  });
});
