import { DEFAULT_RUN_LIMITS, listRunEvents, runAnswered, runEmitted } from '@causeway/contracts';
import type { ExecutionState, RunFrame } from '@causeway/contracts';
import type { JsonObject } from '@causeway/dag';
import { aFlow, waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { aModel } from './a-model.js';
import { anEnvelope, tenant } from './an-envelope.js';
import { chat, spec } from './flows.js';
import { surroundings } from './surroundings.js';

const model = await aModel();
const world = await surroundings({ CAUSEWAY_SCRIPTED_PROVIDER_URL: model.url });
await world.startExecutor();

describe('a run', () => {
  test('goes from its doorbell to its answer', async () => {
    const flow = chat();
    const { runId } = await world.ring(flow, { inputValue: 'why?' });
    const answer = await world.answer(runId);
    expect(answer.outputs[0]?.outputs[0]?.outputs.message.message).toBe('you said: Answer why?');
    expect(answer.session_id).toBe(flow.id);
    const { steps, epoch } = await world.look(runId);
    expect(epoch).toBe(1);
    expect(steps.map((step) => [step.nodeType, step.status, step.attempts])).toEqual([
      ['ChatInput', 'succeeded', 1],
      ['Prompt', 'succeeded', 1],
      ['LanguageModelComponent', 'succeeded', 1],
      ['LanguageModelComponent', 'succeeded', 1],
      ['ChatOutput', 'succeeded', 1],
    ]);
    expect(steps[2]).toMatchObject({
      model: 'scripted',
      tokens: { input: 7, output: 3 },
      possiblyPaidTwice: false,
    });
  });

  test('names in its answer what the request gave and the flow does not have', async () => {
    const [node] = chat().data.nodes.filter(({ id }) => id.startsWith('Prompt'));
    const tweaks: JsonObject = { [node?.id ?? '']: { tempalte: 'x' }, 'Nope-1': { a: 1 } };
    const { runId } = await world.ring(chat(), { inputValue: 'why?', tweaks, ignored: ['inptu_value'] });
    const { warnings } = await world.answer(runId);
    expect(warnings).toEqual([
      'A run has no members of these names; they were ignored: inptu_value.',
      `The flow has no node or field of these names; the tweaks were ignored: ${node?.id}.tempalte, Nope-1.a.`,
    ]);
  });

  test('that fails names them in its error', async () => {
    const usual = model.answer;
    model.answer = () => ({ status: 400, errorMessage: 'no' });
    const { runId } = await world.ring(chat(), { tweaks: { 'Nope-1': { a: 1 } } });
    const { error } = await world.ended(runId);
    model.answer = usual;
    expect(error?.message).toMatch(/400.*\n.*Nope-1\.a\.$/s);
  });

  test('is committed in one transaction beside its claim when its calls are short', async () => {
    const { runId } = await world.ring(chat(), { inputValue: 'once' });
    await world.ended(runId);
    const { rows } = await world.database.query<{ transactions: number; rows: number }>(
      `SELECT count(DISTINCT x)::int AS transactions, count(*)::int AS rows FROM (
         SELECT xmin::text AS x FROM execution WHERE run_id = $1
         UNION ALL SELECT xmin::text FROM step_result WHERE run_id = $1
         UNION ALL SELECT xmin::text FROM message WHERE run_id = $1) t`,
      [runId],
    );
    expect(rows[0]).toEqual({ transactions: 1, rows: 8 });
  });

  test('shows a long call as running, and the steps before it are committed by then', async () => {
    const held = Promise.withResolvers<void>();
    const echo = model.answer;
    model.answer = () => ({ text: 'at last', hold: held.promise });
    const { runId } = await world.ring(chat(), { inputValue: 'patience' });
    const steps = await waitFor(async () => {
      const seen = (await world.look(runId)).steps;
      return seen.length === 4 && seen;
    });
    expect(steps.map((step) => [step.path, step.status])).toEqual([
      ['ChatInput-1', 'succeeded'],
      ['Prompt-2', 'succeeded'],
      ['LanguageModelComponent-3', 'running'],
      ['LanguageModelComponent-3/1', 'running'],
    ]);
    held.resolve();
    model.answer = echo;
    await world.answer(runId);
    expect((await world.look(runId)).steps.map((step) => step.attempts)).toEqual([1, 1, 1, 1, 1]);
  });

  test('is executed once however often its doorbell rings', async () => {
    const envelope = await world.ring(chat(), { inputValue: 'ring ring' });
    for (const messageId of ['a', 'b', 'c'])
      await world.ring(chat(), { inputValue: 'ring ring' }, { ...envelope, requestId: messageId });
    await world.ended(envelope.runId);
    await world.answer((await world.ring(chat(), { inputValue: 'after it' })).runId);
    expect(
      model.asked.filter((asked) => String(asked.messages.at(-1)?.content).includes('ring ring')),
    ).toHaveLength(1);
  });

  test('reports its end to the waiting gateway, the scheduler and the audit log', async () => {
    const heard: ExecutionState[] = [];
    const waiting = world.bus.subscribe(runAnswered, 'gateway-1', (state) => void heard.push(state));
    const { runId } = await world.ring(chat(), { inputValue: 'hello' }, { replyTo: 'gateway-1' });
    await waitFor(() => heard.length > 0);
    expect(heard).toMatchObject([
      { runId, status: 'succeeded', result: { inline: expect.stringContaining('you said') } },
    ]);
    waiting.unsubscribe();
    await waitFor(() => world.audit.some((event) => event.runId === runId));
    await waitFor(() => world.reports.some((report) => report.runId === runId));
    expect(world.reports.filter((report) => report.runId === runId)).toMatchObject([{ status: 'succeeded' }]);
    expect(world.audit.filter((event) => event.runId === runId)).toMatchObject([
      { action: 'run.finish', result: 'succeeded', actor: { id: 'ada' } },
    ]);
  });

  test('keeps texts unchanged that Postgres does not accept', async () => {
    const odd = 'nul \0, lone \ud800, quote " \\';
    model.answer = () => ({ text: odd });
    const { runId } = await world.ring(chat(), { inputValue: odd, sessionId: `session ${odd}` });
    const answer = await world.answer(runId);
    expect(answer.outputs[0]?.outputs[0]?.outputs.message.message).toBe(odd);
    expect(answer.session_id).toBe(`session ${odd}`);
  });

  test('puts long results into the object store', async () => {
    const long = 'long'.repeat(40_000);
    model.answer = () => ({ text: long });
    const limits = { ...DEFAULT_RUN_LIMITS, maxTokens: 100_000 };
    const { runId } = await world.ring(chat(), { inputValue: 'long' }, { limits });
    const state = await world.ended(runId);
    expect(state.status).toBe('succeeded');
    expect(state.result).toMatchObject({
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: expect.any(Number),
    });
  });

  test('has events 1..last, in the order in which things happened', async () => {
    model.answer = () => ({ text: 'fine' });
    const { runId } = await world.ring(chat(), { inputValue: 'events' });
    await world.ended(runId);
    const { status, items } = await world.bus.request(listRunEvents, { ...tenant, runId });
    expect(status).toBe('succeeded');
    expect(items.map((item) => [item.seq, item.type])).toEqual([
      [1, 'run.started'],
      [2, 'step.succeeded'],
      [3, 'step.succeeded'],
      [4, 'step.succeeded'],
      [5, 'step.succeeded'],
      [6, 'step.succeeded'],
      [7, 'run.succeeded'],
    ]);
    const rest = await world.bus.request(listRunEvents, { ...tenant, runId, afterSeq: 5, limit: 1 });
    expect(rest.items.map((item) => item.seq)).toEqual([6]);
  });

  test('is not shown to another team', async () => {
    const { runId } = await world.ring(chat(), { inputValue: 'ours' });
    await world.ended(runId);
    const other = { ...tenant, teamId: '00000000-0000-4000-8000-0000000000ff', runId };
    expect((await world.bus.request(listRunEvents, other)).items).toEqual([]);
  });
});

describe('a loop', () => {
  test('runs its body once per item and gathers the results in order', async () => {
    const store = aFlow().chatInput().chatOutput().build();
    for (const inputValue of ['red', 'blue'])
      await world.answer((await world.ring(store, { inputValue, sessionId: 'looped' })).runId);
    const flow = aFlow()
      .id(store.id)
      .node(spec('Memory'), { id: 'Memory-1', fields: { sender_type: 'User' } })
      .node(spec('LoopComponent'), { id: 'Loop-2' })
      .node(spec('ParserComponent'), { id: 'Parser-3', fields: { pattern: '<{text}>' } })
      .node('ChatOutput', { id: 'ChatOutput-4' })
      .edge('Memory-1', 'dataframe', 'Loop-2', 'data')
      .edge('Loop-2', 'item', 'Parser-3', 'input_data')
      .edge('Parser-3', 'parsed_text', 'Loop-2', 'item')
      .edge('Loop-2', 'done', 'ChatOutput-4', 'input_value')
      .build();
    const feedback = flow.data.edges[2] as unknown as { data: { targetHandle: object } };
    feedback.data.targetHandle = {
      dataType: 'LoopComponent',
      id: 'Loop-2',
      name: 'item',
      output_types: ['Data'],
    };
    const { runId } = await world.ring(flow, { sessionId: 'looped' });
    const text = (await world.answer(runId)).outputs[0]?.outputs[0]?.outputs.message.message;
    expect(text).toMatch(/<red>[^]*<blue>/);
    expect((await world.look(runId)).steps.map((step) => step.path)).toEqual([
      'Memory-1',
      'Loop-2',
      'Loop-2[0]/Parser-3',
      'Loop-2[1]/Parser-3',
      'Loop-2[done]',
      'ChatOutput-4',
    ]);
  });
});

describe('a run that is watched', () => {
  test('shows messages, tokens and its end as they come', async () => {
    model.answer = () => ({ text: 'one two three' });
    const flow = chat();
    const runId = anEnvelope().runId;
    const frames: RunFrame[] = [];
    const watching = world.bus.subscribe(runEmitted, runId, (frame) => void frames.push(frame));
    await world.ring(flow, { inputValue: 'watch', stream: true }, { runId });
    await waitFor(() => frames.some((frame) => frame.event === 'end'));
    watching.unsubscribe();
    const events = frames.map((frame) => frame.event).filter((event) => event !== 'end_vertex');
    expect(events).toEqual(['add_message', 'add_message', 'token', 'token', 'token', 'add_message', 'end']);
    const data = frames.map((frame) => frame.data as Record<string, unknown>);
    const done = data.filter((_, at) => frames[at]?.event === 'end_vertex');
    expect(done.map((one) => (one['build_data'] as { id: string }).id)).toEqual([
      'ChatInput-1',
      'Prompt-2',
      'LanguageModelComponent-3',
      'ChatOutput-4',
    ]);
    const ai = frames.flatMap((frame, at) => (frame.event === 'add_message' ? [data[at]] : [])).slice(1);
    expect(ai.map((message) => (message?.['properties'] as { state: string } | undefined)?.state)).toEqual([
      'partial',
      'complete',
    ]);
    expect(new Set(ai.map((message) => message?.['id'])).size).toBe(1);
    expect(ai[1]).toMatchObject({ text: 'one two three', session_id: flow.id });
    expect(frames.map((frame) => frame.n)).toEqual(frames.map((_, index) => index + 1));
    expect((data.at(-1)?.['result'] as { session_id: string } | undefined)?.session_id).toBe(flow.id);
  });
});
