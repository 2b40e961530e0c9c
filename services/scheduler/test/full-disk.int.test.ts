import { randomBytes, randomUUID } from 'node:crypto';
import {
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  cancelRun,
  getRun,
  reportRuns,
  submitRun,
} from '@causeway/contracts';
import { Database, FolderStore, firstIdAt } from '@causeway/platform';
import { bootService } from '@causeway/platform/testing';
import { NO_SMALL_DISK, mountSmallDisk, testDatabase, testNats, waitFor } from '@causeway/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { afterAll, expect, test } from 'vitest';
import type { ExecutorClient } from '../src/clients/executor.client.js';
import type { Settings } from '../src/config.js';
import { Retaining } from '../src/operations/retaining.js';
import { OldRunStore } from '../src/store/old-run.store.js';
import { aRequest, anEnvelope } from './a-submission.js';
import { startRegistry } from './registry.js';

const disk = mountSmallDisk();
afterAll(() => disk?.unmount());
const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };

test('while a disk is full no new run is accepted; accepted runs are found, end and can be cancelled, and old runs are removed', async (context) => {
  if (!disk) return context.skip(NO_SMALL_DISK);
  const { folder } = disk;
  const database = await testDatabase({ services: ['scheduler'] });
  const nats = await testNats();
  await startRegistry(nats.url);
  const scheduler = await bootService(new URL('../dist/main.js', import.meta.url), {
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_DATABASE_URL: database.urls['scheduler'] as string,
    CAUSEWAY_OBJECT_STORE: folder,
    CAUSEWAY_DISK_PATHS: folder,
    CAUSEWAY_DISK_LOOK_MS: '50',
    CAUSEWAY_SYSTEM_SLOTS: '1',
  });
  const pool = new Pool({ connectionString: database.urls['scheduler'] as string, max: 4 });
  const { bus } = scheduler;
  const logged = (event: string): Promise<unknown> =>
    waitFor(() => scheduler.lines.some((line) => line.includes(event)), { what: event });
  const submit = (key: string) =>
    bus.request(submitRun, { ...aRequest({}), idempotencyKey: key, inputHash: 'h' });
  const isStatus = (runId: string, status: string): Promise<unknown> =>
    waitFor(async () => (await bus.request(getRun, { ...tenant, runId })).status === status, {
      what: `run ${runId} to be ${status}`,
    });
  try {
    await waitFor(
      async () =>
        (await pool.query(`SELECT FROM slot WHERE scope = 'system' AND capacity = 1`)).rowCount === 1,
      { what: 'the one slot' },
    );
    const [running, waiting, unwanted] = [
      await submit('running'),
      await submit('waiting'),
      await submit('unwanted'),
    ];
    // The objects that fill the disk belong to a run that ended long ago.
    const old = firstIdAt(Date.now() - 31 * 86_400_000).slice(0, 24) + randomUUID().slice(24);
    await pool.query(
      `INSERT INTO run (id, organisation_id, team_id, project_id, flow_id, version_hash, status, trigger, principal_id, submitted_at,
                        queue_expires_at, finished_at)
       VALUES ($1, $2, $3, $3, $3, 'v', 'succeeded', 'api', 'ada', now() - interval '31 days', now(), now() - interval '31 days')`,
      [old, tenant.organisationId, tenant.teamId],
    );
    const objects = new FolderStore(folder);
    await objects.put(randomBytes(57 * 1024 ** 2), { runId: old });
    await logged('disk nearly full');
    const late = await submit('late');

    await objects.put(randomBytes(5 * 1024 ** 2), { runId: old });
    await logged('disk full');
    const refused = submit('new');
    await expect(refused).rejects.toMatchObject({
      code: 'DISK_FULL',
      details: { path: folder, limitName: 'CAUSEWAY_DISK_REFUSE_PERCENT', limitPercent: 95 },
    });
    await expect(refused).rejects.toThrow(
      /^The disk of \S+ is 9\d % full; from 95 % on \(CAUSEWAY_DISK_REFUSE_PERCENT\) nothing new is accepted/,
    );

    expect(await submit('running')).toMatchObject({ runId: running.runId, replayed: true });
    await bus.request(cancelRun, { ...anEnvelope(), runId: unwanted.runId });
    await isStatus(unwanted.runId, 'cancelled');
    for (const { runId } of [running, waiting, late]) {
      const report = { runId, status: 'succeeded' as const, at: new Date().toISOString() };
      // The end of a run can be reported only after its release.
      await waitFor(
        async () =>
          (await pool.query(`SELECT FROM run WHERE id = $1 AND status = 'released'`, [runId])).rowCount === 1,
        { what: `run ${runId} to be released` },
      );
      await bus.request(reportRuns, { items: [{ id: randomUUID(), payload: report }] });
      await isStatus(runId, 'succeeded');
    }

    const shared = new Database(pool, 'scheduler', (own, schema) => new PrismaPg(own, { schema }));
    const executor = { forget: async () => [], bytesOf: async () => 0 } as unknown as ExecutorClient;
    const settings = { runDays: 30, payloadDays: 30, idempotencyDays: 7 } as Settings;
    await new Retaining(shared, objects, new OldRunStore(shared), executor, settings).round();
    expect((await objects.list({ ofRuns: true })).objects.filter(({ runId }) => runId === old)).toEqual([]);
    await logged('disk has room again');
    await submit('new');
  } finally {
    await scheduler.close();
    await pool.end();
  }
});
