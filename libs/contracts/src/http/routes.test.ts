import { expect, test } from 'vitest';
import * as contracts from '../index.js';
import { routesByName } from './routes.js';

test('every route that is declared is one that the gateway serves, describes and checks', () => {
  const exported = Object.keys(contracts).flatMap((name) => /^(\w+)Route$/.exec(name)?.[1] ?? []);
  expect(exported.length).toBeGreaterThan(100);
  expect(exported.filter((name) => !routesByName.has(name))).toEqual([]);
});
