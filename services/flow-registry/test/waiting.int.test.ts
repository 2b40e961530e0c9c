import { randomUUID } from 'node:crypto';
import { createProject } from '@causeway/contracts';
import { expect, test } from 'vitest';
import { anActor, startRegistry } from './registry.js';

const { bus, admin } = await startRegistry({ CAUSEWAY_DATABASE_POOL_SIZE: '3' });

const create = (teamId: string) => {
  const actor = anActor(teamId);
  return bus.request(createProject, { ...actor, name: `project ${randomUUID()}` });
};

test('a team whose writers wait for each other leaves connections for other teams', async () => {
  const [busy, other] = [randomUUID(), randomUUID()];
  await admin.query(`SELECT pg_advisory_lock(hashtextextended('registry ${busy}', 0))`);
  const waiting = Array.from({ length: 10 }, () => create(busy));
  expect(await create(other)).toMatchObject({ name: expect.stringContaining('project') });
  await admin.query('SELECT pg_advisory_unlock_all()');
  expect(await Promise.all(waiting)).toHaveLength(10);
});

test('nothing is stored for a caller who was told that the time is over', async () => {
  const late = randomUUID();
  await admin.query(`SELECT pg_advisory_lock(hashtextextended('registry ${late}', 0))`);
  await expect(create(late)).rejects.toMatchObject({ code: 'TIMED_OUT' });
  await admin.query('SELECT pg_advisory_unlock_all()');
  // Writers of a team have their turns in order: this one comes after it.
  const { id } = await create(late);
  const { rows } = await admin.query('SELECT id FROM project WHERE team_id = $1', [late]);
  expect(rows).toEqual([{ id }]);
});
