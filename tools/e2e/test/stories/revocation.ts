import { waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { causewayCli } from '../support/cli.js';
import { type BareFrame, type SentEvent, bareFrames, sentEvents } from '../support/frames.js';
import { chatFlow } from '../support/flows.js';
import type { Stack } from '../support/stack.js';

/** Enough words for a much longer time than a revocation takes. */
const SLOWLY = { reply: { chunks: Array.from({ length: 60 }, (_, at) => `word${at} `), chunkDelayMs: 200 } };
/** A second, and additional time for a busy machine. */
const ENDS_WITHIN_MS = 5_000;

/** A key that is revoked while an answer to its holder is being streamed. */
export function revocationStories({ api, provider }: Stack): void {
  const makeKey = () =>
    api.ask<{ id: string; api_key: string }>('POST', '/api/v1/api_key', {
      body: { name: 'streams', permissions: ['flow:run', 'run:read'] },
    });
  const statusOf = async (runId: string) => (await api.getRun(runId)).status;

  /** The end of the stream is in the audit log. */
  const expectAudited = (runId: string) =>
    waitFor(
      async () => {
        const path = `/api/platform/v1/audit/events?action=request.refuse&object_id=${runId}`;
        const { items } = await api.ask<{ items: { code: string }[] }>('GET', path);
        return items.some(({ code }) => code === 'KEY_INVALID');
      },
      { what: 'the end of the stream in the audit log' },
    );

  describe('a key that is rotated', () => {
    const statusWith = async (key: string): Promise<number> =>
      (await api.as(key).send('GET', '/api/platform/v1/self')).status;

    test('is valid beside its successor for as long as was wanted, at every gateway', async () => {
      const former = await makeKey();
      const path = `/api/platform/v1/keys/${former.id}/successor`;
      expect(await statusWith(former.api_key)).toBe(200);
      // With the key itself, which needs no permission for that.
      const next = await api
        .as(former.api_key)
        .ask<{ id: string; api_key: string; permissions: string[] }>('POST', path, { body: {} });
      expect(next.permissions).toEqual(['flow:run', 'run:read']);
      expect([await statusWith(former.api_key), await statusWith(next.api_key)]).toEqual([200, 200]);
      const ended = await api
        .as(next.api_key)
        .ask<{ api_key: string }>('POST', path.replace(former.id, next.id), { body: { overlapS: 0 } });
      await waitFor(async () => (await statusWith(next.api_key)) === 403, { timeoutMs: ENDS_WITHIN_MS });
      expect(await statusWith(ended.api_key)).toBe(200);
      await api.ask('DELETE', `/api/v1/api_key/${former.id}`);
      await waitFor(async () => (await statusWith(ended.api_key)) === 403, { timeoutMs: ENDS_WITHIN_MS });
    });

    test('is rotated by the command line too, by either of its names', async () => {
      const former = await makeKey();
      const rotated = await causewayCli(api, ['keys', 'rotate', former.id, '--overlap', '1']);
      expect([rotated.code, rotated.stderr]).toMatchObject([
        0,
        expect.stringContaining('the former one ends at'),
      ]);
      expect(await statusWith(rotated.stdout.trim())).toBe(200);
      const again = await causewayCli(api, ['admin', 'key', 'rotate', former.id]);
      expect([again.code, again.stderr]).toMatchObject([1, expect.stringContaining('anyway')]);
      const help = await causewayCli(api, ['admin', 'key', 'rotate', '--help']);
      expect(help.stdout).toContain('former_until');
    });
  });

  describe('a key that is revoked', () => {
    test('ends the stream of events that was opened with it, and the run continues', async () => {
      provider.setScript([SLOWLY]);
      const { id: flowId } = await api.importFlow(chatFlow());
      const { runId = '' } = await api.run(flowId, { input_value: 'x' }, { prefer: 'respond-async' });
      const key = await makeKey();
      const response = await api.as(key.api_key).open('GET', `/api/platform/v1/runs/${runId}/events`);
      const events: SentEvent[] = [];
      let revokedAtMs: number | undefined;
      for await (const event of sentEvents(response)) {
        events.push(event);
        if (event.event !== 'live.token' || revokedAtMs !== undefined) continue;
        await api.ask('DELETE', `/api/v1/api_key/${key.id}`);
        revokedAtMs = Date.now();
      }
      expect(Date.now() - (revokedAtMs ?? 0)).toBeLessThan(ENDS_WITHIN_MS);
      expect(events.at(-1)).toMatchObject({ event: 'refused', data: { code: 'KEY_INVALID' } });
      await expectAudited(runId);
      expect(['released', 'running']).toContain(await statusOf(runId));
      await api.ask('POST', `/api/platform/v1/runs/${runId}/cancel`);
      await waitFor(async () => (await statusOf(runId)) === 'cancelled');
      provider.setScript([]);
    });

    test('ends the stream of a run with an error, and cancels the run', async () => {
      provider.setScript([SLOWLY]);
      const { id: flowId } = await api.importFlow(chatFlow());
      const key = await makeKey();
      const response = await api
        .as(key.api_key)
        .open('POST', `/api/v1/run/${flowId}?stream=true`, { body: { input_value: 'x' } });
      const runId = response.headers.get('x-causeway-run-id') ?? '';
      const frames: BareFrame[] = [];
      let revokedAtMs: number | undefined;
      for await (const frame of bareFrames(response)) {
        frames.push(frame);
        if (frame.event !== 'token' || revokedAtMs !== undefined) continue;
        await api.ask('DELETE', `/api/v1/api_key/${key.id}`);
        revokedAtMs = Date.now();
      }
      expect(Date.now() - (revokedAtMs ?? 0)).toBeLessThan(ENDS_WITHIN_MS);
      expect(frames.at(-1)).toMatchObject({ event: 'error', data: { code: 'KEY_INVALID', run_id: runId } });
      await expectAudited(runId);
      await waitFor(async () => (await statusOf(runId)) === 'cancelled');
      provider.setScript([]);
    });
  });
}
