import type { CallRecord } from '@causeway/scripted-provider';
import { waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { type BareFrame, type SentEvent, bareFrames, sentEvents } from '../support/frames.js';
import { chatFlow, chainFlow } from '../support/flows.js';
import type { Stack } from '../support/stack.js';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Both framings: Langflow's bare one, and standard server-sent events that a reader can resume. */
export function streamingStories({ api, provider }: Stack): void {
  const threeChunks = () =>
    provider.setScript([{ reply: { chunks: ['one ', 'two ', 'three'], chunkDelayMs: 30 } }]);

  describe('Langflow’s stream', () => {
    test('is bare JSON in Langflow’s order, and names its run', async () => {
      threeChunks();
      const { id } = await api.importFlow(chatFlow());
      const response = await api.open('POST', `/api/v1/run/${id}?stream=true`, {
        body: { input_value: 'count' },
      });
      const frames = await all(bareFrames(response));
      provider.setScript([]);
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      expect(response.headers.get('x-causeway-run-id')).toMatch(/^[0-9a-f-]{36}$/);

      const words = frames.filter(({ event }) => event === 'token').map(({ data }) => data['chunk']);
      expect(words.join('')).toBe('one two three');
      expect(frames.at(-1)?.event).toBe('end');
      const messages = frames.filter(({ event }) => event === 'add_message');
      expect(messages[0]?.data).toMatchObject({ sender: 'User', text: 'count' });
      expect(messages.at(-1)?.data).toMatchObject({ sender: 'Machine', text: 'one two three' });
      expect(messages.at(-1)?.data['data']).toMatchObject({ sender: 'Machine', text: 'one two three' });
      const order = frames.map(({ event }) => event);
      expect(order.join(' ')).toMatch(/^add_message( add_message)?( token)+ add_message end$/);
    });

    test('sends the first words before the last ones exist', async () => {
      const chunks = Array.from({ length: 30 }, (_, at) => `word${at} `);
      provider.setScript([{ reply: { chunks, chunkDelayMs: 500 } }]);
      const { id } = await api.importFlow(chatFlow());
      const since = provider.calls().at(-1)?.sequence ?? 0;
      const leaving = new AbortController();
      const response = await api.open('POST', `/api/v1/run/${id}?stream=true`, {
        body: { input_value: 'wait' },
        signal: leaving.signal,
      });
      let call: CallRecord | undefined;
      for await (const { event } of bareFrames(response)) {
        if (event !== 'token') continue;
        [call] = provider.calls(since);
        break;
      }
      leaving.abort();
      provider.setScript([]);
      expect(call?.outcome).toBe('running');
      expect(call?.chunksSent).toBeLessThan(chunks.length);
    });

    test('of a run that fails ends with the error, under status 200', async () => {
      provider.setScript([{ reply: { status: 400, errorMessage: 'no such thing' } }]);
      const { id } = await api.importFlow(chatFlow());
      const response = await api.open('POST', `/api/v1/run/${id}?stream=true`, {
        body: { input_value: 'x' },
      });
      const frames = await all(bareFrames(response));
      provider.setScript([]);
      expect(response.status).toBe(200);
      const failures = frames.filter(({ event }) => event === 'error');
      expect(failures).toMatchObject([
        // As in Langflow: first the message, then the error's sentence.
        { data: { text_key: 'text', category: 'error', data: { category: 'error' } } },
        { data: { code: 'PROVIDER_FAILED', error: expect.stringMatching(/Language Model answered 400/) } },
      ]);
      expect(frames.at(-1)).toBe(failures.at(-1));
      expect(failures[0]?.data['text']).toBe(failures[1]?.data['error']);
    });

    test('whose caller disconnects cancels the run', async () => {
      provider.setScript([{ reply: { chunks: ['a', 'b'], hangAfterChunks: 1 } }]);
      const { id } = await api.importFlow(chatFlow());
      const leaving = new AbortController();
      const response = await api.open('POST', `/api/v1/run/${id}?stream=true`, {
        body: { input_value: 'x' },
        signal: leaving.signal,
      });
      const runId = response.headers.get('x-causeway-run-id') ?? '';
      const read: BareFrame[] = [];
      await expect(
        (async () => {
          for await (const frame of bareFrames(response)) {
            read.push(frame);
            if (frame.event === 'token') leaving.abort();
          }
        })(),
      ).rejects.toThrow();
      await waitFor(async () => (await api.getRun(runId)).status === 'cancelled', {
        what: 'the run to be cancelled',
      });
      provider.setScript([]);
      expect(read.map(({ event }) => event)).toContain('token');
    });
  });

  describe('the events of a run', () => {
    const events = async (runId: string, after?: string): Promise<SentEvent[]> => {
      const headers: Record<string, string> = after === undefined ? {} : { 'last-event-id': after };
      const response = await api.open('GET', `/api/platform/v1/runs/${runId}/events`, { headers });
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      return all(sentEvents(response));
    };
    const durable = (list: readonly SentEvent[]) => list.filter(({ event }) => !event.startsWith('live.'));

    test('are sent from the first to the last, numbered without a gap', async () => {
      const { id } = await api.importFlow(chainFlow());
      const { runId = '' } = await api.run(id, { input_value: 'x' });
      const told = durable(await events(runId));
      expect(told.map(({ id: number }) => number)).toEqual(told.map((_, index) => `${index + 1}.0`));
      expect(told[0]?.event).toBe('run.started');
      expect(told.at(-1)?.event).toBe('run.succeeded');
      expect(told.filter(({ event }) => event === 'step.succeeded').length).toBeGreaterThanOrEqual(5);
    });

    test('continue after the last one that a reader names', async () => {
      const { id } = await api.importFlow(chatFlow());
      const { runId = '' } = await api.run(id, { input_value: 'x' });
      const whole = durable(await events(runId));
      const half = whole[Math.floor(whole.length / 2)] as SentEvent;
      expect(durable(await events(runId, half.id))).toEqual(whole.slice(whole.indexOf(half) + 1));
    });

    test('contain the words of a streamed run for a second reader', async () => {
      const chunks = Array.from({ length: 12 }, (_, at) => `word${at} `);
      provider.setScript([{ reply: { chunks, chunkDelayMs: 300 } }]);
      const { id } = await api.importFlow(chatFlow());
      const response = await api.open('POST', `/api/v1/run/${id}?stream=true`, {
        body: { input_value: 'x' },
      });
      const told = await events(response.headers.get('x-causeway-run-id') ?? '');
      await all(bareFrames(response));
      provider.setScript([]);
      expect(durable(told).at(-1)?.event).toBe('run.succeeded');
      expect(told.some(({ event }) => event === 'live.token')).toBe(true);
    });
  });
}
