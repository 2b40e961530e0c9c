import { randomUUID } from 'node:crypto';
import { NO_SMALL_DISK, mountSmallDisk, waitFor } from '@causeway/testing';
import { afterAll, expect, test } from 'vitest';
import type { Answer, FlowRow } from './support/api.js';
import { chatFlow, echoFlow } from './support/flows.js';
import { startStack } from './support/stack.js';

const disk = mountSmallDisk();
afterAll(() => disk?.unmount());

const services = ['gateway', 'auth', 'flow-registry', 'scheduler', 'executor', 'audit'];
const stack =
  disk &&
  (await startStack({
    environment: Object.fromEntries(
      services.map((service) => [
        service,
        {
          CAUSEWAY_OBJECT_STORE: disk.folder,
          CAUSEWAY_DISK_PATHS: disk.folder,
          CAUSEWAY_DISK_LOOK_MS: '50',
        },
      ]),
    ),
  }));

test('on a full disk runs, uploads and flows are refused, everything else works, and they are accepted again when a file is deleted', async (context) => {
  if (!disk || !stack) return context.skip(NO_SMALL_DISK);
  const { api, provider } = stack;
  const data = chatFlow().data;
  const named = (): { name: string; data: unknown } => ({ name: `Disk ${randomUUID()}`, data });
  const [kept, unwanted, echo] = [
    await api.importFlow(chatFlow('Kept')),
    await api.importFlow(chatFlow('Unwanted')),
    await api.importFlow(echoFlow('Answers')),
  ];
  const file = (await api.upload('/api/v2/files', 'large.bin', Buffer.alloc(40 * 1024 ** 2))).json<FlowRow>();
  expect(file.id).toBeDefined();
  provider.setScript([
    { when: { lastMessageContains: 'for long' }, reply: { delayMs: 5_000 } },
    { when: { lastMessageContains: 'for ever' }, reply: { hang: true } },
  ]);
  const since = provider.calls().at(-1)?.sequence ?? 0;
  const start = async (input_value: string): Promise<string> =>
    (await api.run(kept.id, { input_value }, { prefer: 'respond-async' })).runId ?? '';
  const [finishing, cancelled] = [await start('for long'), await start('for ever')];
  await waitFor(() => provider.calls(since).length === 2, { what: 'the calls of the model' });

  disk.fill('filler', 22);
  const refusals: Record<string, () => Promise<Answer>> = {
    'a run': () => api.run(echo.id, { input_value: 'x' }),
    'a run that nobody waits for': () => api.run(echo.id, { input_value: 'x' }, { prefer: 'respond-async' }),
    'a file': () => api.upload('/api/v2/files', 'small.txt', 'small'),
    'a file of a flow': () => api.upload(`/api/v1/files/upload/${kept.id}`, 'small.txt', 'small'),
    'a flow': () => api.send('POST', '/api/v1/flows/', { body: named() }),
    flows: () => api.send('POST', '/api/v1/flows/batch/', { body: { flows: [named()] } }),
    'an import': () => api.upload('/api/v1/flows/upload/', 'flow.json', JSON.stringify(chatFlow())),
    'a project': () => api.upload('/api/v1/projects/upload/', 'flow.json', JSON.stringify(chatFlow())),
    'a version': () => api.send('PATCH', `/api/v1/flows/${kept.id}`, { body: { data } }),
    'a flow under an id': () => api.send('PUT', `/api/v1/flows/${randomUUID()}`, { body: named() }),
  };
  for (const [what, ask] of Object.entries(refusals)) {
    const refusal = await waitFor(
      async () => {
        const answer = await ask();
        return answer.status === 503 && answer;
      },
      { what: `${what} to be refused` },
    );
    expect(refusal.json(), what).toMatchObject({
      code: 'DISK_FULL',
      detail: expect.stringMatching(
        new RegExp(
          `^The disk of ${disk.folder} is 9\\d % full; from 95 % on \\(CAUSEWAY_DISK_REFUSE_PERCENT\\) nothing new`,
        ),
      ),
    });
    expect(Number(refusal.headers.get('retry-after')), what).toBeGreaterThan(0);
  }

  // Reading, small changes, stopping and deleting still work.
  expect((await api.send('GET', `/api/v1/flows/${kept.id}`)).status).toBe(200);
  expect(
    (await api.send('PATCH', `/api/v1/flows/${kept.id}`, { body: { description: 'seen' } })).status,
  ).toBe(200);
  expect((await api.send('DELETE', `/api/v1/flows/${unwanted.id}`)).status).toBe(200);
  expect((await api.send('POST', `/api/platform/v1/runs/${cancelled}/cancel`)).status).toBe(202);
  const statusOf = async (runId: string): Promise<string> => (await api.getRun(runId)).status;
  await waitFor(async () => (await statusOf(cancelled)) === 'cancelled', { what: 'the cancel' });
  await waitFor(async () => (await statusOf(finishing)) === 'succeeded', { what: 'the run to finish' });
  provider.setScript([]);

  expect((await api.send('DELETE', `/api/v2/files/${file.id}`)).status).toBe(200);
  await waitFor(async () => (await refusals['a file']?.())?.status === 201, { what: 'room for a file' });
  // Each service looks at the disk by itself.
  await waitFor(async () => (await api.run(echo.id, { input_value: 'again' })).status === 200, {
    what: 'room for a run',
  });
  await waitFor(
    async () => (await api.send('PATCH', `/api/v1/flows/${kept.id}`, { body: { data } })).status === 200,
    { what: 'room for a version' },
  );
}, 90_000);
