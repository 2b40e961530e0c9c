import { randomUUID } from 'node:crypto';
import { waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { type RunAnswer, type RunPage, chatText } from '../support/api.js';
import { chatFlow, echoFlow, variableFlow, webhookFlow } from '../support/flows.js';
import type { Stack } from '../support/stack.js';

const isOver = (run: RunPage): boolean => !['queued', 'released', 'running'].includes(run.status);

/** Runs over HTTP: awaited, left in the background, repeated, cancelled. */
export function runningStories({ api, provider }: Stack): void {
  const finished = (runId: string): Promise<RunPage> =>
    waitFor(
      async () => {
        const run = await api.getRun(runId);
        return isOver(run) && run;
      },
      { what: `run ${runId} to be over` },
    );

  describe('a run with a waiting caller', () => {
    test('answers in Langflow’s shape, and names its run', async () => {
      const { id } = await api.importFlow(chatFlow());
      const answer = await api.run(id, { input_value: 'hello' });
      expect(answer.status).toBe(200);
      expect(chatText(answer)).toBe('You said: Answer hello');
      const [result] = answer.json<RunAnswer>().outputs[0]?.outputs ?? [];
      expect(result?.outputs['message']).toEqual({ message: 'You said: Answer hello', type: 'text' });
      expect(result?.component_id).toMatch(/^ChatOutput/);
      expect((await api.getRun(answer.runId ?? '')).status).toBe('succeeded');
    });

    test.each(['LanguageModelComponent-3', 'Language Model'])(
      'answers with the result of %s',
      async (name) => {
        const { id } = await api.importFlow(chatFlow());
        const answer = await api.run(id, { input_value: 'hello', output_component: name });
        const text = 'You said: Answer hello';
        expect(answer.json<RunAnswer>().outputs[0]?.outputs).toMatchObject([
          {
            component_id: 'LanguageModelComponent-3',
            outputs: { text_output: { message: text, type: 'text' } },
            artifacts: { text_output: { repr: text, raw: text, type: 'text' } },
            messages: [],
            token_usage: { input_tokens: expect.any(Number) as number, output_tokens: 4 },
          },
        ]);
      },
    );

    test('accepts the endpoint name of a flow too, and a slash at the end', async () => {
      const endpoint = `named-${randomUUID().slice(0, 8)}`;
      await api.importFlow({ ...chatFlow(), endpoint_name: endpoint });
      expect(chatText(await api.run(endpoint, { input_value: 'a' }))).toBe('You said: Answer a');
      expect((await api.run(`${endpoint}/`, { input_value: 'a' })).status).toBe(200);
    });

    test('accepts a multipart form as well', async () => {
      const { id } = await api.importFlow(chatFlow());
      const form = new FormData();
      form.set('input_value', 'formal');
      form.set('tweaks', JSON.stringify({ 'Prompt-2': { template: 'Dear {question}' } }));
      expect(chatText(await api.send('POST', `/api/v1/run/${id}`, { body: form }))).toBe(
        'You said: Dear formal',
      );
    });

    test('shows its steps and the model that was used', async () => {
      const { id } = await api.importFlow(chatFlow());
      const { runId = '' } = await api.run(id, { input_value: 'steps' });
      const { steps } = await api.getRun(runId);
      const nodes = steps.filter(({ path }) => !path.includes('/'));
      expect(nodes.map(({ nodeType, status }) => `${nodeType} ${status}`)).toEqual([
        'ChatInput succeeded',
        'Prompt succeeded',
        'LanguageModelComponent succeeded',
        'ChatOutput succeeded',
      ]);
      expect(steps.map(({ model }) => model).filter((model) => model !== null)).toContain('scripted');
    });
  });

  describe('a run in the background', () => {
    test('is a 202 whose links lead to its state and its result', async () => {
      const { id } = await api.importFlow(chatFlow());
      const answer = await api.run(id, { input_value: 'later' }, { prefer: 'respond-async' });
      expect(answer.status).toBe(202);
      const { run_id: runId, links } = answer.json<{ run_id: string; links: Record<string, string> }>();
      expect(answer.runId).toBe(runId);
      expect(answer.headers.get('location')).toBe(links['self']);
      const run = await finished(runId);
      expect(run.status).toBe('succeeded');
      expect(run.result && chatText(run.result)).toBe('You said: Answer later');
    });

    test('becomes one when it takes longer than the caller waits', async () => {
      provider.setScript([{ when: { lastMessageContains: 'slow one' }, reply: { delayMs: 800 } }]);
      const { id } = await api.importFlow(chatFlow());
      const answer = await api.send('POST', `/api/v1/run/${id}?wait=0`, {
        body: { input_value: 'slow one' },
      });
      expect(answer.status).toBe(202);
      expect((await finished(answer.runId ?? '')).status).toBe('succeeded');
      provider.setScript([]);
    });

    test('is reported as running to a caller who waits for a while only', async () => {
      provider.setScript([{ when: { lastMessageContains: 'waited for' }, reply: { hang: true } }]);
      const { id } = await api.importFlow(chatFlow());
      const since = provider.calls().at(-1)?.sequence ?? 0;
      const body = { input_value: 'waited for' };
      const headers = { 'idempotency-key': randomUUID() };
      const { runId = '' } = await api.run(id, body, { ...headers, prefer: 'respond-async' });
      await waitFor(() => provider.calls(since).length === 1, { what: 'the call of the model' });
      const answer = await api.send('POST', `/api/v1/run/${id}?wait=0.1`, { body, headers });
      expect(answer.json()).toMatchObject({ run_id: runId, status: 'running' });
      expect(answer.status).toBe(202);
      await api.send('POST', `/api/platform/v1/runs/${runId}/cancel`);
      await finished(runId);
      provider.setScript([]);
    });

    test('ends when it is cancelled, and the provider’s socket closes', async () => {
      provider.setScript([{ when: { lastMessageContains: 'never' }, reply: { hang: true } }]);
      const { id } = await api.importFlow(chatFlow());
      const since = provider.calls().at(-1)?.sequence ?? 0;
      const { runId = '' } = await api.run(id, { input_value: 'never' }, { prefer: 'respond-async' });
      await waitFor(() => provider.calls(since).length === 1, { what: 'the call of the model' });
      const cancel = await api.send('POST', `/api/platform/v1/runs/${runId}/cancel`);
      expect(cancel.status).toBe(202);
      expect((await finished(runId)).status).toBe('cancelled');
      await waitFor(() => provider.calls(since)[0]?.outcome === 'client_closed', {
        what: 'the socket to close',
      });
      provider.setScript([]);
    });
  });

  describe('an idempotency key', () => {
    test('returns the first run again for the same request', async () => {
      const { id } = await api.importFlow(chatFlow());
      const headers = { 'idempotency-key': randomUUID() };
      const first = await api.run(id, { input_value: 'once' }, headers);
      const second = await api.run(id, { input_value: 'once' }, headers);
      expect(second.runId).toBe(first.runId);
      expect(second.text).toBe(first.text);
      expect(second.headers.get('idempotent-replay')).toBe('true');
    });

    test('of two requests at the same time makes one run', async () => {
      const { id } = await api.importFlow(chatFlow());
      const headers = { 'idempotency-key': randomUUID() };
      const both = await Promise.all(
        [1, 2, 3, 4].map(() => api.run(id, { input_value: 'at once' }, headers)),
      );
      expect(new Set(both.map(({ runId }) => runId)).size).toBe(1);
      expect(new Set(both.map(({ text }) => text)).size).toBe(1);
    });

    test('is refused for another request', async () => {
      const { id } = await api.importFlow(chatFlow());
      const headers = { 'idempotency-key': randomUUID() };
      await api.run(id, { input_value: 'this' }, headers);
      const other = await api.run(id, { input_value: 'that' }, headers);
      expect([other.status, other.json().code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
    });
  });

  describe('the input of a request', () => {
    test('a webhook answers at once with the id of its run, and the body reaches the flow', async () => {
      const { id } = await api.importFlow(webhookFlow());
      const answer = await api.send('POST', `/api/v1/webhook/${id}`, { body: { order: 7 } });
      expect(answer.status).toBe(202);
      const { run_id: runId, message, status } = answer.json<Record<string, string>>();
      expect([message, status]).toEqual(['Task started in the background', 'in progress']);
      expect(answer.runId).toBe(runId);
      const run = await finished(runId ?? '');
      expect(run.status).toBe('succeeded');
      expect(JSON.stringify(run.result)).toMatch(/order[^0-9]*7/);
    });

    test('a variable in a header is used before the stored one', async () => {
      const name = `E2E_${randomUUID().slice(0, 8).toUpperCase()}`;
      await api.ask('POST', '/api/v1/variables', { body: { name, value: 'stored', type: 'Generic' } });
      const { id } = await api.importFlow(variableFlow(name));
      const ask = (headers = {}) => api.run(id, { input_type: 'text', output_type: 'any' }, headers);
      expect(chatText(await ask())).toBe('stored');
      expect(chatText(await ask({ [`x-langflow-global-var-${name}`]: 'sent' }))).toBe('sent');
    });

    test('a tweak by node id, by display name, and for every node', async () => {
      const { id } = await api.importFlow(chatFlow());
      const say = async (tweaks: object) => chatText(await api.run(id, { input_value: 'x', tweaks }));
      expect(await say({ 'Prompt-2': { template: 'By id {question}' } })).toBe('You said: By id x');
      expect(await say({ Prompt: { template: 'By name {question}' } })).toBe('You said: By name x');
      expect(await say({ template: 'For all {question}' })).toBe('You said: For all x');
      expect(await say({ 'Nobody-9': { template: 'no' }, 'Prompt-2': { nothing: 1 } })).toBe(
        'You said: Answer x',
      );
    });

    test('an answer over 64 KiB arrives whole', async () => {
      const { id } = await api.importFlow(echoFlow());
      const long = 'é'.repeat(100_000);
      const answer = await api.run(id, { input_value: long });
      expect(chatText(answer)).toBe(long);
      expect((await api.getRun(answer.runId ?? '')).status).toBe('succeeded');
    });
  });
}
