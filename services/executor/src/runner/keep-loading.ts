import type { LRUCache } from 'lru-cache';

/**
 * Keeps an entry whose value is still being loaded in a cache that is bounded by size.
 *
 * @param least  its size until then
 * @param size   its size once it is loaded; the entry leaves when that is undefined, or when loading fails
 */
export function keepLoading<V extends object>(
  cache: LRUCache<string, V>,
  key: string,
  entry: V,
  least: number,
  size: Promise<number | undefined>,
): void {
  cache.set(key, entry, { size: least });
  const settle = (loaded: number | undefined): void => {
    // It may have left, or been requested again.
    if (cache.peek(key) !== entry) return;
    // The size of an entry in the cache does not change, so it is set anew.
    cache.delete(key);
    if (loaded !== undefined) cache.set(key, entry, { size: loaded });
  };
  size.then(settle, () => settle(undefined));
}
