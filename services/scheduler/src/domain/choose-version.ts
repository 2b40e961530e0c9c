import type { Release } from '@causeway/contracts';

/** One version of a release. */
export type ReleasedVersion = Release['versions'][number];

/**
 * Which version of a release a run gets: by weight, and the same one for the same key.
 *
 * @param draw  a number from 0 up to 1 that belongs to the run, or to its sticky key
 */
export function chooseVersion({ versions }: Release, draw: number): ReleasedVersion {
  const total = versions.reduce((sum, { weight }) => sum + weight, 0);
  let left = draw * total;
  for (const version of versions) {
    left -= version.weight;
    if (left < 0) return version;
  }
  return versions.at(-1) as ReleasedVersion;
}
