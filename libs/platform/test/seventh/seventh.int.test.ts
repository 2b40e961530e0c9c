import { readFileSync } from 'node:fs';
import { testNats, testPostgres } from '@causeway/testing';
import { expect, test } from 'vitest';
import { newId } from '#platform';
import { createEchoDatabase } from '../echo-database.js';
import { startBus } from '../embedded-bus.js';
import { buildPrograms, startProgram } from '../programs.js';
import { listBookmarks } from './contracts.js';

const nats = await testNats();
const postgresUrl = await testPostgres();
const own = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the service of the README runs', async () => {
  buildPrograms();
  const database = await createEchoDatabase(postgresUrl);
  await database.query('create table echo.bookmark (id uuid, flow_id uuid, team_id uuid, user_id text)');
  const bookmark = startProgram('seventh/main', {
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_DATABASE_URL: `${database.url}?schema=echo`,
  });
  await bookmark.ready();
  const { bus, service } = await startBus(nats.url);
  const row = { id: newId(), flowId: newId() };
  const teamId = newId();
  await database.query(`insert into bookmark values ($1, $2, $3, 'u1')`, [row.id, row.flowId, teamId]);
  const reply = await bus.request(listBookmarks, { organisationId: newId(), teamId, userId: 'u1' });
  expect(reply).toEqual({ items: [row] });
  await service.drain('the test is over');
  expect(await bookmark.stop()).toBe(0);
  await database.drop();
});

test.each(['main.ts', 'config.ts', 'app.module.ts', 'contracts.ts'])(
  'the README shows %s unchanged',
  (file) => {
    const shown = own(file).replaceAll("'#platform'", "'@causeway/platform'").trim();
    expect(own('../../README.md')).toContain(shown);
  },
);
