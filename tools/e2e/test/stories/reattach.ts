import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { Api } from '../support/api.js';
import { Victim, aimAtOwner } from '../support/faults.js';
import { chatFlow } from '../support/flows.js';
import { type BareFrame, type SentEvent, bareFrames, sentEvents } from '../support/frames.js';
import type { Stack } from '../support/stack.js';

const CHUNKS = Array.from({ length: 12 }, (_, at) => `word${at} `);
const WHOLE = CHUNKS.join('');
const TIMEOUT_MS = 180_000;

/** The text of each message that a reader of live events has, as a page would show it: a message that begins again replaces its old text. */
class Page {
  readonly texts = new Map<string, string>();
  readonly events: SentEvent[] = [];

  take(event: SentEvent): void {
    this.events.push(event);
    const data = event.data as {
      id?: string;
      chunk?: string;
      text?: string;
      sender?: string;
      properties?: { state?: string };
    };
    if (event.event === 'live.add_message' && data.sender === 'Machine')
      this.texts.set(data.id ?? '', data.properties?.state === 'partial' ? '' : (data.text ?? ''));
    if (event.event === 'live.token')
      this.texts.set(data.id ?? '', (this.texts.get(data.id ?? '') ?? '') + (data.chunk ?? ''));
  }

  count(event: string): number {
    return this.events.filter((one) => one.event === event).length;
  }
}

/** Readers who join in the middle, through any gateway, whatever died meanwhile. */
export function reattachStories(stack: Stack): void {
  const { api, causeway, provider } = stack;
  const [, secondUrl = ''] = causeway.urls;
  const second = new Api(secondUrl, api.key);

  const startAsync = async (input: string, chunkDelayMs = 150): Promise<string> => {
    provider.setScript([{ when: { lastMessageContains: input }, reply: { chunks: CHUNKS, chunkDelayMs } }]);
    const { id } = await api.importFlow(chatFlow());
    const { runId = '' } = await api.run(id, { input_value: input }, { prefer: 'respond-async' });
    return runId;
  };

  /** Reads a run's events until `enough`, or to their end. @returns the last id */
  const watch = async (
    through: Api,
    runId: string,
    page: Page,
    options: { after?: string; enough?: () => boolean | Promise<boolean> } = {},
  ): Promise<string> => {
    const leaving = new AbortController();
    const headers: Record<string, string> =
      options.after === undefined ? {} : { 'last-event-id': options.after };
    const path = `/api/platform/v1/runs/${runId}/events`;
    const response = await through.open('GET', path, { headers, signal: leaving.signal });
    expect(response.status).toBe(200);
    for await (const event of sentEvents(response)) {
      page.take(event);
      if (await options.enough?.()) break;
    }
    leaving.abort();
    return page.events.findLast(({ id }) => id !== '')?.id ?? '';
  };

  describe('a reader of a run that is not streamed', () => {
    test(
      'who changes to another gateway in the middle of a message gets the whole message',
      { timeout: TIMEOUT_MS },
      async () => {
        const runId = await startAsync('move over');
        const first = new Page();
        const after = await watch(api, runId, first, { enough: () => first.count('live.token') >= 4 });
        const page = new Page();
        await watch(second, runId, page, { after });
        provider.setScript([]);
        // The earlier text comes as one piece, at the latest with the next one.
        const [begun, all] = page.events.filter(({ event }) => event.startsWith('live.'));
        expect(begun).toMatchObject({
          event: 'live.add_message',
          data: { text: '', properties: { state: 'partial' } },
        });
        expect(all?.data).toMatchObject({ chunk: expect.stringMatching(/^word0 word1 word2 /) as string });
        expect([...page.texts.values()]).toEqual([WHOLE]);
        expect(page.count('gap')).toBe(0);
        expect(page.events.at(-1)?.event).toMatch(/^(run\.succeeded|live\.end)$/);
        // Each durable event is sent by one of the two gateways, never by both.
        const durable = [...first.events, ...page.events]
          .filter(({ id }) => id.endsWith('.0'))
          .map(({ id }) => id);
        expect(durable).toEqual(durable.map((_, at) => `${at + 1}.0`));
      },
    );

    test('sees a message begin again when its runner dies', { timeout: TIMEOUT_MS }, async () => {
      const runId = await startAsync('begin anew');
      const page = new Page();
      let kill: (() => Promise<unknown>) | undefined;
      let killing: Promise<unknown> | undefined;
      await watch(second, runId, page, {
        enough: async () => {
          // A runner that sends words has claimed the run.
          if (page.count('live.token') > 0) kill ??= await aimAtOwner(stack, runId, Victim.runner);
          if (page.count('live.token') >= 4) killing ??= kill?.();
          return false;
        },
      });
      await killing;
      provider.setScript([]);
      const begun = page.events.filter(
        ({ event, data }) =>
          event === 'live.add_message' &&
          (data as { properties: { state?: string } }).properties.state === 'partial',
      );
      expect(begun.length).toBeGreaterThanOrEqual(2);
      expect(new Set(begun.map(({ data }) => (data as { id: string }).id)).size).toBe(1);
      expect([...page.texts.values()]).toEqual([WHOLE]);
      expect(page.count('gap')).toBe(0);
      expect((await api.getRun(runId)).epoch).toBeGreaterThan(1);
    });

    test('leaves no data in Redis for long', async () => {
      const redis = new Redis(causeway.servers.redis.url);
      const keys = await redis.keys('causeway:*:frames:*');
      const left = await Promise.all(keys.map((key) => redis.pttl(key)));
      const texts = await Promise.all(keys.map((key) => redis.get(key)));
      redis.disconnect();
      expect(left.every((ms) => ms > 0 && ms <= 60_000)).toBe(true);
      expect(texts.join('')).not.toContain('word1');
    });

    // This test is the last one: services reconnect to Redis only a while after its start.
    test(
      'gets a gap event when Redis was emptied, and gets the end anyway',
      { timeout: TIMEOUT_MS },
      async () => {
        const runId = await startAsync('empty it', 250);
        const first = new Page();
        await watch(api, runId, first, { enough: () => first.count('live.token') >= 3 });
        await causeway.servers.redis.kill();
        const page = new Page();
        await watch(second, runId, page);
        await causeway.servers.redis.start();
        provider.setScript([]);
        expect(page.count('gap')).toBe(1);
        expect(page.events.find(({ event }) => event === 'gap')?.data).toMatchObject({
          missed: expect.any(Number) as number,
        });
        expect([...page.texts.values()]).toEqual([WHOLE]);
        expect(page.count('run.succeeded')).toBe(1);
      },
    );
  });

  describe('Langflow’s stream', () => {
    test(
      'sends nothing after its runner’s death until the message is complete',
      { timeout: TIMEOUT_MS },
      async () => {
        provider.setScript([
          { when: { lastMessageContains: 'silence' }, reply: { chunks: CHUNKS, chunkDelayMs: 150 } },
        ]);
        const { id } = await api.importFlow(chatFlow());
        const response = await api.open('POST', `/api/v1/run/${id}?stream=true`, {
          body: { input_value: 'silence' },
        });
        const runId = response.headers.get('x-causeway-run-id') ?? '';
        let kill: (() => Promise<unknown>) | undefined;
        let killing: Promise<unknown> | undefined;
        const frames: BareFrame[] = [];
        let tokens = 0;
        for await (const frame of bareFrames(response)) {
          frames.push(frame);
          if (frame.event !== 'token') continue;
          tokens += 1;
          kill ??= await aimAtOwner(stack, runId, Victim.runner);
          if (tokens >= 3) killing ??= kill();
        }
        await killing;
        provider.setScript([]);
        const shown = frames.filter(({ event }) => event === 'token').map(({ data }) => data['chunk']);
        expect(shown).toEqual(CHUNKS.slice(0, shown.length));
        expect(shown.length).toBeLessThan(CHUNKS.length);
        const messages = frames.filter(
          ({ event, data }) => event === 'add_message' && data['sender'] === 'Machine',
        );
        expect(messages.at(-1)?.data).toMatchObject({ text: WHOLE, properties: { state: 'complete' } });
        expect(frames.at(-1)?.event).toBe('end');
        expect((await api.getRun(runId)).epoch).toBeGreaterThan(1);
      },
    );

    test(
      'requested again with its key returns the same run, to its end',
      { timeout: TIMEOUT_MS },
      async () => {
        provider.setScript([
          { when: { lastMessageContains: 'ask twice' }, reply: { chunks: CHUNKS, chunkDelayMs: 60 } },
        ]);
        const { id } = await api.importFlow(chatFlow());
        const sending = {
          body: { input_value: 'ask twice' },
          headers: { 'idempotency-key': crypto.randomUUID() },
        };
        const ask = async (through: Api) => {
          const response = await through.open('POST', `/api/v1/run/${id}?stream=true`, sending);
          const frames: BareFrame[] = [];
          for await (const frame of bareFrames(response)) frames.push(frame);
          return { runId: response.headers.get('x-causeway-run-id'), last: frames.at(-1) };
        };
        const both = await Promise.all([ask(api), ask(second)]);
        const later = await ask(second);
        provider.setScript([]);
        expect(new Set([...both, later].map(({ runId }) => runId)).size).toBe(1);
        for (const { last } of [...both, later]) expect(last).toEqual(both[0]?.last);
        expect(later.last?.event).toBe('end');
      },
    );
  });

  test.each(['x', '-1.0', '1', '1.0.0', '1e9.0'])(
    'Last-Event-ID %s is not the id of an event',
    async (id) => {
      const { id: flow } = await api.importFlow(chatFlow());
      const { runId = '' } = await api.run(flow, { input_value: 'x' });
      const answer = await api.send('GET', `/api/platform/v1/runs/${runId}/events`, {
        headers: { 'last-event-id': id },
      });
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('headers.last-event-id: it must be the id of an event');
    },
  );
}
