import { expect, test } from 'vitest';
import { areaNames, areaOf } from './area.js';
import { routes } from './routes.js';

test('every area has routes', () => {
  expect(new Set(routes.map(({ path }) => areaOf(path)))).toEqual(new Set(areaNames));
});

test('only pages and what they load are in the area of what is in no other', () => {
  const pages = routes.filter(({ path }) => areaOf(path) === 'Pages');
  const others = pages.filter(({ isPage, path }) => !isPage && !/^\/(pages\.css|sign-in\/)/.test(path));
  expect(others).toEqual([]);
});
