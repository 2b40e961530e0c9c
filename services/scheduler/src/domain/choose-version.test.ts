import { expect, test } from 'vitest';
import { chooseVersion } from './choose-version.js';

const version = (versionHash: string, weight: number) => ({
  versionHash,
  weight,
  hasWebhook: false,
  problems: [],
});

test('a release of one version always gives that one', () => {
  const noDraw = () => expect.unreachable('there is no choice');
  for (const weight of [100, 0])
    expect(chooseVersion({ versions: [version('only', weight)] }, noDraw).versionHash).toBe('only');
});

test('versions get runs by their weights, and a version with weight 0 gets none', () => {
  const release = { versions: [version('a', 90), version('none', 0), version('b', 10)] };
  const draws = Array.from(
    { length: 1_000 },
    (_, at) => chooseVersion(release, () => at / 1_000).versionHash,
  );
  expect(draws.filter((hash) => hash === 'a')).toHaveLength(900);
  expect(draws.filter((hash) => hash === 'b')).toHaveLength(100);
});
