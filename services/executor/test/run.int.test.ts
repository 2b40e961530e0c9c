import { catalogue } from '@causeway/components/specs';
import {
  deleteMessages,
  listMessages,
  listRunEvents,
  listSessions,
  renameSession,
  runAnswered,
  runCancelRequested,
  runEmitted,
  stopExecution,
  updateMessage,
} from '@causeway/contracts';
import type { ExecutionState, RunFrame } from '@causeway/contracts';
import type { ComponentSpec } from '@causeway/dag';
import { aFlow, waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { aModel } from './a-model.js';
import { anEnvelope, tenant } from './an-envelope.js';
import { surroundings } from './surroundings.js';

const model = await aModel();
const world = await surroundings({ CAUSEWAY_SCRIPTED_PROVIDER_URL: model.url });
await world.startExecutor();

const chat = () => aFlow().chatInput().prompt('Answer {question}').model().chatOutput().build();
/** A prompt that takes a name from a variable. */
function named(variable: string) {
  const flow = aFlow().chatInput().prompt('{question} {name}', { name: variable }).chatOutput().build();
  const prompt = flow.data.nodes.find((node) => node.data.type === 'Prompt');
  Object.assign(prompt?.data.node.template['name'] as object, { load_from_db: true });
  return flow;
}
const spec = (type: string) => catalogue.find(type) as ComponentSpec;

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

  test('is made once however often its doorbell rings', async () => {
    const envelope = await world.ring(chat(), { inputValue: 'ring ring' });
    for (const messageId of ['a', 'b', 'c'])
      await world.ring(chat(), { inputValue: 'ring ring' }, { ...envelope, requestId: messageId });
    await world.ended(envelope.runId);
    await world.answer((await world.ring(chat(), { inputValue: 'after it' })).runId);
    expect(
      model.asked.filter((asked) => String(asked.messages.at(-1)?.content).includes('ring ring')),
    ).toHaveLength(1);
  });

  test('tells the gateway that waits, the scheduler and the audit log of its end', async () => {
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

  test('keeps texts that Postgres does not take as they are', async () => {
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
    const { runId } = await world.ring(chat(), { inputValue: 'long' });
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

describe('a run that fails', () => {
  test('names the component, and says so in the chat', async () => {
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

  test('does so before its first step when a variable is missing', async () => {
    const { runId } = await world.ring(named('WHO'), { inputValue: 'hi' });
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'failed', error: { code: 'VARIABLE_MISSING' } });
    expect(state.error?.message).toContain('npx causeway vars set WHO');
    expect((await world.look(runId)).steps).toEqual([]);
  });

  test('does so before its first step when a field is empty, and names every one', async () => {
    const flow = aFlow().node(spec('Pass')).node(spec('StoreMessage')).build();
    const { runId } = await world.ring(flow, { inputValue: 'hi' });
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'failed', error: { code: 'FIELD_MISSING' } });
    expect(state.error?.message).toMatch(/Pass-1.*"Input Message".*\n.*StoreMessage-2.*"Message"/);
    expect((await world.look(runId)).steps).toEqual([]);
  });

  test('may not use more output tokens than its limit', async () => {
    model.answer = () => ({ text: 'fine' });
    const limits = { timeoutMs: 60_000, maxTokens: 2, memoryBytes: 1 };
    const { runId } = await world.ring(chat(), { inputValue: 'tokens' }, { limits });
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'failed', error: { code: 'LIMIT_TOKENS' } });
    expect(state.error?.message).toContain('its limit max_tokens is 2');
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

  test('reaches the owner although the bus lost the news', async () => {
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
    expect((await world.ended(runId, 4_000)).status).toBe('cancelled');
    held.resolve();
  });

  test('ends a run that nobody has claimed, and no doorbell brings it back', async () => {
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

  test('comes by itself at the deadline', async () => {
    const held = Promise.withResolvers<void>();
    model.answer = () => ({ text: 'too late', hold: held.promise });
    const limits = { timeoutMs: 700, maxTokens: 100, memoryBytes: 1 };
    const { runId } = await world.ring(chat(), { inputValue: 'slow' }, { limits });
    const state = await world.ended(runId);
    expect(state).toMatchObject({ status: 'timed_out', error: { code: 'RUN_TIMED_OUT' } });
    expect(state.error?.message).toContain('700 ms');
    held.resolve();
  });

  test('of an unknown run by a broadcast does nothing', async () => {
    world.bus.publish(runCancelRequested, { runId: anEnvelope().runId });
    model.answer = () => ({ text: 'fine' });
    const { runId } = await world.ring(chat(), { inputValue: 'still here' });
    expect((await world.ended(runId)).status).toBe('succeeded');
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

describe('chat memory', () => {
  const remembering = aFlow()
    .chatInput()
    .prompt('{question} after {history}')
    .chatOutput()
    .node(spec('Memory'), { id: 'Memory-9' })
    .edge('Memory-9', 'messages_text', 'Prompt-2', 'history')
    .build();
  const say = async (inputValue: string, sessionId: string, flow = remembering) =>
    (await world.answer((await world.ring(flow, { inputValue, sessionId })).runId)).outputs[0]?.outputs[0]
      ?.outputs.message.message;

  test('keeps a session of a flow across runs', async () => {
    const first = await say('one', 'a');
    expect(first).toMatch(/^one after (User: one)?$/);
    expect(await say('two', 'a')).toContain(`User: one\nAI: ${first}`);
    expect(await say('three', 'b')).not.toContain('one');
    const other = { ...remembering, id: '00000000-0000-4000-8000-00000000f10f' };
    expect(await say('four', 'a', other)).not.toContain('one');
  });

  test('is listed, corrected, moved and deleted, and audited', async () => {
    await say('hello', 'to edit');
    const page = { limit: 1 };
    const first = await world.bus.request(listMessages, { ...tenant, page, sessionId: 'to edit' });
    expect(first.items).toMatchObject([{ text: 'hello', sender: 'User', edit: false }]);
    const rest = await world.bus.request(listMessages, {
      ...tenant,
      page: { limit: 10, after: first.next },
      sessionId: 'to edit',
    });
    expect(rest.items).toMatchObject([{ sender: 'Machine' }]);
    expect(rest.next).toBeUndefined();

    const { principal } = anEnvelope();
    const act = { principal, requestId: 'r' };
    const messageId = first.items[0]?.id as string;
    const changed = await world.bus.request(updateMessage, { ...act, messageId, text: 'hello \0' });
    expect(changed).toMatchObject({ id: messageId, text: 'hello \0', edit: true });
    const moved = await world.bus.request(renameSession, {
      ...act,
      sessionId: 'to edit',
      newSessionId: 'edited',
    });
    expect(moved.items).toHaveLength(2);
    const sessions = await world.bus.request(listSessions, { ...tenant, flowId: remembering.id });
    expect(sessions.sessionIds).toContain('edited');
    expect(sessions.sessionIds).not.toContain('to edit');
    expect(await world.bus.request(deleteMessages, { ...act, sessionId: 'edited' })).toEqual({ deleted: 2 });
    await expect(world.bus.request(updateMessage, { ...act, messageId, text: '' })).rejects.toMatchObject({
      code: 'MESSAGE_UNKNOWN',
    });
    const done = () => world.audit.filter((event) => event.requestId === 'r').map((event) => event.action);
    await waitFor(() => done().length === 3);
    expect(done().toSorted()).toEqual(['message.delete', 'message.update', 'session.rename']);
  });
});
