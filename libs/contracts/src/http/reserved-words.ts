import type { Route } from './route.js';

/** Words in Langflow's paths that are in the place of an id, of routes that are not served here. */
const unserved = ['basic_examples', 'detections', 'expand', 'public_flow', 'shared', 'store'];

/**
 * Words that are no id although they are in the place of one: `/api/v1/flows/upload` requested by GET, or a route of
 * Langflow's that is not served here. Such a path does not exist; the error is not about an invalid id.
 */
export function reservedWords(routes: readonly Pick<Route, 'path'>[]): ReadonlySet<string> {
  const words = routes.flatMap(({ path }) => path.split('/')).filter((word) => /^[a-z_-]+$/.test(word));
  return new Set([...words, ...unserved]);
}
