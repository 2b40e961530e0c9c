import type { Release } from '@causeway/contracts';

/** One version of a release. */
export type ReleasedVersion = Release['versions'][number];

/**
 * Chooses the version of a release for a run: by weight, and always the same version for the same sticky key.
 *
 * @param draw  gives a number from 0 up to 1, computed from the run's sticky key or, without one, from the run's id; called only when
 *              there is a choice
 */
export function chooseVersion({ versions }: Release, draw: () => number): ReleasedVersion {
  const [first, ...others] = versions;
  if (first && others.length === 0) return first;
  const total = versions.reduce((sum, { weight }) => sum + weight, 0);
  let left = draw() * total;
  for (const version of versions) {
    left -= version.weight;
    if (left < 0) return version;
  }
  return versions.at(-1) as ReleasedVersion;
}
