import { expect, test } from 'vitest';
import { readablePlaces } from './readable-places.js';

const teams = Array.from({ length: 600 }, (_, at) => ({ id: `t${at}`, name: `team ${at}` }));
const own = 't7';

test('the team in which somebody works comes first, and none is chosen that they may not read', () => {
  const names = (...read: string[]) =>
    readablePlaces(teams, {
      own,
      chosen: undefined,
      mayRead: (id) => id !== undefined && read.includes(id),
    }).map(({ name }) => name);
  expect(names('t3')).toEqual(['team 3']);
  expect(names('t3', 't7')).toEqual(['team 7', 'team 3']);
  expect(names()).toEqual([]);
});

test('whoever reads the whole organisation chooses among at most 500 places, and the chosen one', () => {
  const places = (chosen?: string) =>
    readablePlaces(teams, { own, chosen, mayRead: () => true }).map(({ where }) => where);
  expect(places().slice(0, 2)).toEqual(['t7', 'organisation']);
  expect(places()).toHaveLength(500);
  expect(places('t599')).toContain('t599');
});
