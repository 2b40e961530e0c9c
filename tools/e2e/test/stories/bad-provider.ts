import { describe, expect, test } from 'vitest';
import { type ErrorBody, chatText } from '../support/api.js';
import { bareFrames } from '../support/frames.js';
import { chatFlow } from '../support/flows.js';
import type { Stack } from '../support/stack.js';

type Reply = Record<string, unknown>;

/** A faulty model provider. `idleMs`: how long the stack waits for data from it. */
export function badProviderStories({ api, provider }: Stack, idleMs: number): void {
  /** Runs the chat flow, streamed or not, with a provider that gives this reply. */
  const runWith = async (reply: Reply, times?: number) => {
    const { id } = await api.importFlow(chatFlow());
    provider.setScript([{ reply, ...(times !== undefined && { times }) }] as never);
    try {
      return await api.run(id, { input_value: 'x' });
    } finally {
      provider.setScript([]);
    }
  };
  const streamWith = async (reply: Reply) => {
    const { id } = await api.importFlow(chatFlow());
    provider.setScript([{ reply }] as never);
    try {
      const response = await api.open('POST', `/api/v1/run/${id}?stream=true`, {
        body: { input_value: 'x' },
      });
      const frames = [];
      for await (const frame of bareFrames(response)) frames.push(frame);
      return frames;
    } finally {
      provider.setScript([]);
    }
  };

  describe('a model provider', () => {
    test('that hangs is given up after the limit, which is named', async () => {
      const answer = await runWith({ hang: true });
      expect([answer.status, answer.json<ErrorBody>().code]).toEqual([504, 'PROVIDER_TIMED_OUT']);
      expect(answer.json<ErrorBody>().detail).toContain(String(idleMs));
      const run = await api.getRun(answer.runId ?? '');
      expect([run.status, run.error?.code]).toEqual(['failed', 'PROVIDER_TIMED_OUT']);
    }, 60_000);

    test('that stops sending in the middle of a stream is given up, too', async () => {
      const frames = await streamWith({ chunks: ['a', 'b', 'c'], hangAfterChunks: 2 });
      expect(frames.at(-1)).toMatchObject({ event: 'error', data: { code: 'PROVIDER_TIMED_OUT' } });
    }, 60_000);

    test('that sends slowly is awaited while it sends data', async () => {
      // Together they take longer than the limit; each one takes much less, so that a busy machine can be late.
      const chunks = Array.from({ length: 15 }, (_, index) => `${index} `);
      const frames = await streamWith({ chunks, chunkDelayMs: Math.floor(idleMs / 10) });
      expect(frames.at(-1)?.event).toBe('end');
    }, 60_000);

    test('that is busy once gets the request again', async () => {
      const answer = await runWith({ status: 429, retryAfterSeconds: 0.1 }, 1);
      expect([answer.status, chatText(answer)]).toEqual([200, 'You said: Answer x']);
    });

    test('that stays busy fails the run with its status', async () => {
      const answer = await runWith({ status: 429, retryAfterSeconds: 0 });
      expect([answer.status, answer.json<ErrorBody>().code]).toEqual([429, 'PROVIDER_LIMITED']);
      expect(answer.json<ErrorBody>().detail).toContain('429');
    }, 60_000);

    test('that refuses the request is quoted in the answer and in the run', async () => {
      const errorMessage = "Unsupported parameter: 'temperature' is not supported with this model.";
      const answer = await runWith({ status: 400, errorMessage, errorCode: 'unsupported_parameter' });
      expect([answer.status, answer.json<ErrorBody>().code]).toEqual([502, 'PROVIDER_FAILED']);
      expect(answer.json<ErrorBody>().detail).toContain(errorMessage);
      expect((await api.getRun(answer.runId ?? '')).error?.message).toContain(errorMessage);
    });

    test('that ends an answer at its length limit is accepted, and the run shows it', async () => {
      const usage = { promptTokens: 5, completionTokens: 2 };
      const answer = await runWith({ text: 'abc def', finishReason: 'length', usage });
      expect([answer.status, chatText(answer)]).toEqual([200, 'abc def']);
      const run = await api.getRun(answer.runId ?? '');
      expect(JSON.stringify(run)).toContain('"finish_reason":"length"');
    });

    test('that is broken fails the run with its status and message', async () => {
      const answer = await runWith({ status: 500, errorMessage: 'out of smoke' });
      expect([answer.status, answer.json<ErrorBody>().code]).toEqual([502, 'PROVIDER_FAILED']);
      expect(answer.json<ErrorBody>().detail).toContain('500');
      expect(answer.json<ErrorBody>().detail).toContain('out of smoke');
    }, 60_000);

    test('that answers with other data fails the run', async () => {
      const answer = await runWith({ rawBody: '<html>busy</html>', contentType: 'text/html' });
      expect([answer.status, answer.json<ErrorBody>().code]).toEqual([502, 'PROVIDER_FAILED']);
    }, 60_000);

    test.each([
      ['is cut off', { chunks: ['a', 'b', 'c'], cutAfterChunks: 2 }],
      ['is malformed', { chunks: ['a', 'b'], malformedStream: true }],
    ])(
      'whose stream %s ends the run’s stream with an error',
      async (_how, reply) => {
        const frames = await streamWith(reply);
        expect(frames.at(-1)).toMatchObject({
          event: 'error',
          data: { code: expect.stringMatching(/^PROVIDER_/) },
        });
      },
      60_000,
    );

    test('whose answer has NULs and lone surrogates is passed on unchanged', async () => {
      const answer = await runWith({ text: 'a\u0000b\ud800c' });
      expect([answer.status, chatText(answer)]).toEqual([200, 'a\u0000b\ud800c']);
      const messages = await api.send('GET', '/api/v1/monitor/messages');
      expect(messages.status).toBe(200);
      expect((await api.getRun(answer.runId ?? '')).status).toBe('succeeded');
    });
  });
}
