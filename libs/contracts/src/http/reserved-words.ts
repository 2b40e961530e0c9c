import type { Route } from './route.js';

/** Words of Langflow's paths that stand where an id would, of routes that are not here. */
const unserved = ['basic_examples', 'detections', 'expand', 'public_flow', 'shared', 'store'];

/**
 * Words that are no id though they stand in the place of one: `/api/v1/flows/upload` asked for by GET, or a route of Langflow's that
 * is not here. Such a path does not exist; it is no slip in an id.
 */
export function reservedWords(routes: readonly Pick<Route, 'path'>[]): ReadonlySet<string> {
  const words = routes.flatMap(({ path }) => path.split('/')).filter((word) => /^[a-z_-]+$/.test(word));
  return new Set([...words, ...unserved]);
}
