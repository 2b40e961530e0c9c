import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listRunEvents, runCancelRequested, stopExecution } from '@causeway/contracts';
import { maxVisits } from '@causeway/dag';
import { type NodeShape, aFlow, waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { aModel } from './a-model.js';
import { anEnvelope, tenant } from './an-envelope.js';
import { chat, named, spec } from './flows.js';
import { surroundings } from './surroundings.js';

const model = await aModel();
const world = await surroundings({
  CAUSEWAY_SCRIPTED_PROVIDER_URL: model.url,
  CAUSEWAY_OUTBOUND_ALLOW: '127.0.0.1',
  CAUSEWAY_VARIABLES_FROM_ENVIRONMENT: 'OFFERED',
  OFFERED: 'canary',
});
await world.startExecutor();

describe('a run that fails', () => {
  test('names the component, and is shown in the chat', async () => {
    model.answer = () => ({ status: 400, text: 'no' });
    const { runId } = await world.ring(chat(), { inputValue: 'fail', sessionId: 'failing' });
    const state = await world.ended(runId);
    expect(state).toMatchObject({
      status: 'failed',
      error: { code: 'PROVIDER_FAILED', nodeName: 'Language Model' },
    });
    expect(state.error?.message).toMatch(/^Error building Component Language Model: \n\nThe model provider/);
    const { steps } = await world.look(runId);
    expect(steps.filter((step) => step.status === 'failed').map((step) => step.nodeType)).toEqual([
      'LanguageModelComponent',
      'LanguageModelComponent',
    ]);
    const { rows } = await world.database.query<{ body: string }>(
      `SELECT body FROM message WHERE session_id = 'failing' AND error`,
    );
    expect(rows.map((row) => JSON.parse(row.body) as object)).toMatchObject([
      { category: 'error', text: state.error?.message },
    ]);
  });

  test('fails before its first step when a variable is missing', async () => {
    const { runId } = await world.ring(named('WHO'), { inputValue: 'hi' });
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'failed', error: { code: 'VARIABLE_MISSING' } });
    expect(state.error?.message).toContain('npx causeway vars set WHO');
    expect((await world.look(runId)).steps).toEqual([]);
  });

  test('fails before its first step when a field is empty, and names every empty field', async () => {
    const flow = aFlow().node(spec('Pass')).node(spec('StoreMessage')).build();
    const { runId } = await world.ring(flow, { inputValue: 'hi' });
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'failed', error: { code: 'FIELD_MISSING' } });
    expect(state.error?.message).toMatch(/Pass-1.*"Input Message".*\n.*StoreMessage-2.*"Message"/);
    expect((await world.look(runId)).steps).toEqual([]);
  });

  test('may not use more output tokens than its limit', async () => {
    model.answer = () => ({ text: 'fine' });
    const limits = { timeoutMs: 60_000, maxTokens: 2, memoryBytes: 2 ** 31 };
    const { runId } = await world.ring(chat(), { inputValue: 'tokens' }, { limits });
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'failed', error: { code: 'LIMIT_TOKENS' } });
    expect(state.error?.message).toContain('the limit CAUSEWAY_RUN_MAX_TOKENS is 2');
  });

  test('repeats a cycle no more often than the limit of visits', async () => {
    const flow = aFlow()
      .chatInput()
      .node(spec('ConditionalRouter'), { id: 'If-2', fields: { match_text: 'never' } })
      .edge('ChatInput-1', 'message', 'If-2', 'input_text')
      .edge('If-2', 'false_result', 'If-2', 'input_text')
      .build();
    const { runId } = await world.ring(flow, { inputValue: 'round' });
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'failed', error: { code: 'LIMIT_STEPS', nodeId: 'If-2' } });
    expect(state.error?.message).toContain(`If-Else reached its limit of ${maxVisits} visits in a cycle`);
  });
});

describe('variables', () => {
  const said = async (runId: string) =>
    (await world.answer(runId)).outputs[0]?.outputs[0]?.outputs.message.message;

  test('come from the request before the team’s own', async () => {
    world.variables.set('NAME', { value: 'stored', type: 'Generic' });
    const stored = await world.ring(named('NAME'), { inputValue: 'hi' });
    expect(await said(stored.runId)).toBe('hi stored');
    const given = await world.ring(named('NAME'), { inputValue: 'hi', variables: { NAME: 'given' } });
    expect(await said(given.runId)).toBe('hi given');
  });

  test('are not shown in a plain field when they are credentials', async () => {
    world.variables.set('SECRET', { value: 'canary', type: 'Credential' });
    const { runId } = await world.ring(named('SECRET'), { inputValue: 'hi' });
    expect(await world.ended(runId)).toMatchObject({ status: 'failed', error: { code: 'VARIABLE_MISSING' } });
  });

  test('from the environment are credentials, also when a tweak names them', async () => {
    const own = await world.ring(named('OFFERED'), { inputValue: 'hi' });
    const tweaks = { 'Prompt-2': { name: { value: 'OFFERED', load_from_db: true } } };
    const tweaked = await world.ring(named('NAME'), { inputValue: 'hi', tweaks });
    for (const { runId } of [own, tweaked])
      expect(await world.ended(runId)).toMatchObject({
        status: 'failed',
        error: { code: 'VARIABLE_MISSING' },
      });
  });
});

describe('a model', () => {
  const through = (node: NodeShape, fields: Record<string, unknown>) =>
    aFlow()
      .node('ChatInput', { id: 'In' })
      .node(node, { id: 'Model', fields, template: { api_key: { load_from_db: false } } })
      .node('ChatOutput', { id: 'Out' })
      .edge('In', 'message', 'Model', 'input_value')
      .edge('Model', 'text_output', 'Out', 'input_value')
      .build();
  const isAsked = (word: string) => model.asked.some((asked) => JSON.stringify(asked).includes(word));

  test('is chosen and found by stored variables, not by those of the request', async () => {
    model.answer = () => ({ text: 'fine' });
    const variables = { DEFAULT_MODEL: 'ollama/other', OLLAMA_BASE_URL: model.url };
    const scripted = await world.ring(chat(), { inputValue: 'default', variables });
    expect(await world.ended(scripted.runId)).toMatchObject({ status: 'succeeded' });
    const fields = { model: [{ name: 'm', provider: 'Ollama' }], api_key: 'canary', max_retries: 0 };
    const flow = through(spec('LanguageModelComponent'), fields);
    await world.ended((await world.ring(flow, { inputValue: 'lured', variables })).runId);
    expect(isAsked('lured')).toBe(false);
  });

  test('gets no key of the flow at an address that the request names', async () => {
    model.answer = () => ({ text: 'fine' });
    const flow = through(spec('OpenAIModel'), { model_name: 'gpt-4.1', api_key: 'canary' });
    const base = { openai_api_base: `${model.url}/v1` };
    const lured = await world.ring(flow, { inputValue: 'lured', tweaks: { Model: base } });
    expect(await world.ended(lured.runId)).toMatchObject({
      status: 'failed',
      error: { code: 'MODEL_KEY_WITHHELD' },
    });
    expect(isAsked('lured')).toBe(false);
    const tweaks = { Model: { ...base, api_key: 'brought' } };
    const brought = await world.ring(flow, { inputValue: 'brought', tweaks });
    expect(await world.ended(brought.runId)).toMatchObject({ status: 'succeeded' });
    expect(isAsked('brought')).toBe(true);
  });
});

describe('stopping', () => {
  test('closes the provider’s socket', async () => {
    const held = Promise.withResolvers<void>();
    model.answer = () => ({ text: 'too late', hold: held.promise });
    const envelope = await world.ring(chat(), { inputValue: 'stop me' });
    await waitFor(() =>
      model.asked.some((asked) => String(asked.messages.at(-1)?.content).includes('stop me')),
    );
    expect(await world.bus.request(stopExecution, { envelope })).toEqual({
      status: 'running',
      requested: true,
    });
    expect(await world.ended(envelope.runId)).toMatchObject({
      status: 'cancelled',
      error: { code: 'RUN_CANCELLED' },
    });
    await waitFor(() =>
      model.cut.some((asked) => String(asked.messages.at(-1)?.content).includes('stop me')),
    );
    held.resolve();
    expect(await world.bus.request(stopExecution, { envelope })).toEqual({
      status: 'cancelled',
      requested: false,
    });
  });

  test('reaches the owner although the bus lost the message', async () => {
    const held = Promise.withResolvers<void>();
    model.answer = () => ({ text: 'too late', hold: held.promise });
    const { runId } = await world.ring(chat(), { inputValue: 'quietly' });
    await waitFor(() =>
      model.asked.some((asked) => String(asked.messages.at(-1)?.content).includes('quietly')),
    );
    await world.database.query(
      'UPDATE execution SET cancel_requested_at = clock_timestamp() WHERE run_id = $1',
      [runId],
    );
    expect((await world.ended(runId)).status).toBe('cancelled');
    held.resolve();
  });

  test('ends a run that no runner has claimed, and no doorbell revives it', async () => {
    const envelope = anEnvelope();
    const calls = model.asked.length;
    expect(await world.bus.request(stopExecution, { envelope })).toEqual({
      status: 'cancelled',
      requested: true,
    });
    await world.ring(chat(), { inputValue: 'too late' }, envelope);
    await waitFor(() => world.reports.some((report) => report.runId === envelope.runId));
    model.answer = () => ({ text: 'fine' });
    await world.answer((await world.ring(chat(), { inputValue: 'later' })).runId);
    expect(model.asked.length).toBe(calls + 1);
    const { items } = await world.bus.request(listRunEvents, { ...tenant, runId: envelope.runId });
    expect(items).toMatchObject([{ seq: 1, type: 'run.cancelled' }]);
  });

  test('because of a long wait ends only a run that no runner has claimed', async () => {
    const envelope = anEnvelope();
    const expire = { envelope, status: 'timed_out' } as const;
    expect(await world.bus.request(stopExecution, expire)).toEqual({ status: 'timed_out', requested: true });
    expect(await world.bus.request(stopExecution, expire)).toEqual({ status: 'timed_out', requested: false });
    expect((await world.ended(envelope.runId)).error).toMatchObject({ code: 'QUEUE_TIMED_OUT' });
    await waitFor(() =>
      world.reports.some(({ runId, status }) => runId === envelope.runId && status === 'timed_out'),
    );

    const held = Promise.withResolvers<void>();
    model.answer = () => ({ text: 'in time', hold: held.promise });
    const claimed = await world.ring(chat(), { inputValue: 'claimed late' });
    await waitFor(() =>
      model.asked.some((asked) => String(asked.messages.at(-1)?.content).includes('claimed late')),
    );
    expect(await world.bus.request(stopExecution, { envelope: claimed, status: 'timed_out' })).toEqual({
      status: 'running',
      requested: false,
    });
    held.resolve();
    expect((await world.ended(claimed.runId)).status).toBe('succeeded');
  });

  test('comes by itself at the deadline', async () => {
    const held = Promise.withResolvers<void>();
    model.answer = () => ({ text: 'too late', hold: held.promise });
    const limits = { timeoutMs: 700, maxTokens: 100, memoryBytes: 2 ** 31 };
    const { runId } = await world.ring(chat(), { inputValue: 'slow' }, { limits });
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'timed_out', error: { code: 'RUN_TIMED_OUT' } });
    expect(state.error?.message).toContain('700 ms');
    held.resolve();
  });

  test('of an unknown run by broadcast changes nothing', async () => {
    world.bus.publish(runCancelRequested, { runId: anEnvelope().runId });
    model.answer = () => ({ text: 'fine' });
    const { runId } = await world.ring(chat(), { inputValue: 'still here' });
    expect((await world.ended(runId)).status).toBe('succeeded');
  });

  test('leaves no call open that changes the outside world: the outcome of one that was cut off is unknown', async () => {
    const held = Promise.withResolvers<void>();
    let heard = 0;
    const server = createServer((request, response) => {
      heard += 1;
      request.resume();
      void held.promise.then(() => response.end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const flow = aFlow()
      .node(spec('APIRequest'), { fields: { url_input: `http://127.0.0.1:${port}/send`, method: 'POST' } })
      .build();
    const envelope = await world.ring(flow, {});
    await waitFor(() => heard === 1);
    await world.bus.request(stopExecution, { envelope });
    expect((await world.ended(envelope.runId)).status).toBe('cancelled');
    const { rows } = await world.database.query('SELECT state FROM effect WHERE run_id = $1', [
      envelope.runId,
    ]);
    expect(rows).toEqual([{ state: 'unknown' }]);
    held.resolve();
    server.closeAllConnections();
    server.close();
  });
});

describe('a run that its owner holds but does not execute', () => {
  test('is given back and continues', async () => {
    model.answer = () => ({ text: 'found again' });
    const envelope = await world.release(chat(), { inputValue: 'left' });
    // As after Postgres was unreachable: the row names a runner that does not execute the run.
    await world.database.query(
      `INSERT INTO execution (run_id, organisation_id, team_id, project_id, flow_id, version_hash, envelope, status, epoch, owner,
                              engine_version, claimed_at, deadline_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, 'running', 1, id, 1, now(), now() + interval '1 minute'
       FROM executor WHERE kind = 'shared' AND ended_at IS NULL`,
      [
        envelope.runId,
        envelope.organisationId,
        envelope.teamId,
        envelope.projectId,
        envelope.flowId,
        envelope.versionHash,
        JSON.stringify(envelope),
      ],
    );
    expect((await world.ended(envelope.runId)).status).toBe('succeeded');
    expect((await world.look(envelope.runId)).epoch).toBe(2);
  });
});
