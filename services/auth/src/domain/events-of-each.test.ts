import { auditEvent } from '@causeway/contracts';
import { expect, it } from 'vitest';
import { MOST_TOLD, eventsOfEach } from './events-of-each.js';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `s${index}`);
const eventOf = (id: string) =>
  auditEvent({
    id,
    at: new Date(0),
    tenant: { organisationId: 'o', teamId: 't' },
    actor: { kind: 'user', id: 'u', name: 'Ann' },
    action: 'session.delete',
    object: { type: 'session', id },
    detail: { userId: id, because: 'it was over' },
  });

it('tells of each thing that ended, and of very many by their number', () => {
  expect(eventsOfEach([], eventOf)).toEqual([]);
  expect(eventsOfEach(ids(MOST_TOLD), eventOf)).toHaveLength(MOST_TOLD);
  const [event, ...more] = eventsOfEach(ids(MOST_TOLD + 1), eventOf);
  expect(more).toEqual([]);
  expect(event).toMatchObject({
    action: 'session.delete',
    object: { type: 'session', id: 'several', name: '301 at once' },
    detail: { because: 'it was over' },
    count: MOST_TOLD + 1,
  });
  expect(event).not.toHaveProperty('teamId');
  expect(event?.detail).not.toHaveProperty('userId');
});
