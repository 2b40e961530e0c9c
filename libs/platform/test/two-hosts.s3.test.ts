import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testNats, testPostgres, waitFor } from '@causeway/testing';
import { expect, test } from 'vitest';
import { Payloads } from '#platform';
import { sayText } from './echo/contracts.js';
import { createEchoDatabase } from './echo-database.js';
import { startBus } from './embedded-bus.js';
import { buildPrograms, startProgram } from './programs.js';
import { S3Corner, findS3Server } from './s3-server.js';

const server = findS3Server();

test.skipIf(!server)(
  'two hosts without a common folder exchange messages of any length (npm run check:s3 runs this)',
  async () => {
    const corner = new S3Corner(server as NonNullable<typeof server>);
    const nats = await testNats();
    const database = await createEchoDatabase(await testPostgres());
    const [here, there] = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'causeway-host-'))) as [string, string];
    const host = (spool: string): Record<string, string> => ({
      ...corner.settings,
      CAUSEWAY_OBJECT_STORE_SPOOL: spool,
    });
    buildPrograms();
    const asking = await startBus(nats.url, host(here));
    const answering = startProgram('echo/main', {
      CAUSEWAY_NATS_URL: nats.url,
      CAUSEWAY_DATABASE_URL: database.url,
      CAUSEWAY_ECHO_NAME: 'echo',
      CAUSEWAY_DRAIN_TIMEOUT_MS: '1000',
      ...host(there),
    });
    try {
      await answering.ready();
      const patient = { timeoutMs: 30_000 };
      const text = `hé \ud800 ${'x'.repeat(10_000_000)}`;
      expect((await asking.bus.request(sayText, { text }, patient)).text).toBe(text);
      const big = await asking.bus.request(sayText, { text: 'é', mode: 'big' }, patient);
      expect(big.text).toBe('é'.repeat(2_000_000));
      // The passed texts are removed, and the stored object exists.
      await waitFor(async () => (await corner.paths()).length === 0, { what: 'nothing is left behind' });
      const owner = { organisationId: 'o', runId: '01a20ae6-f642-7667-8a2a-73ab438460bb' };
      const payload = await asking.service.get(Payloads).store(text, owner);
      expect(await corner.paths()).toHaveLength(1);
      expect(await asking.service.get(Payloads).load(payload, owner.organisationId)).toContain('xxx');
      for (const folder of [here, there]) expect(readdirSync(folder)).toEqual([]);
      expect(existsSync('s3:')).toBe(false);
      const logged = JSON.stringify(answering.lines);
      expect(logged).not.toContain(corner.settings['CAUSEWAY_OBJECT_STORE_SECRET_KEY']);
    } finally {
      await answering.stop();
      await asking.service.drain('the test is over');
      await database.drop();
      await corner.clear();
      for (const folder of [here, there]) rmSync(folder, { recursive: true });
    }
  },
);

test.skipIf(!server)('a service whose bucket does not exist does not start, and says why', async () => {
  const corner = new S3Corner(server as NonNullable<typeof server>);
  const nats = await testNats();
  const wrong = { ...corner.settings, CAUSEWAY_OBJECT_STORE: 's3://causeway-nowhere/x' };
  await expect(startBus(nats.url, wrong)).rejects.toThrow(
    /CAUSEWAY_OBJECT_STORE: ListObjectsV2 of s3:\/\/causeway-nowhere at \S+ failed: 404 NoSuchBucket/,
  );
  await corner.clear();
});
