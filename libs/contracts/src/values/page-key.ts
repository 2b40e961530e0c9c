import { z } from 'zod';
import { causewayError } from '../errors/errors.js';

/**
 * The end of a page of a list: the time and id of its last row, and a number where rows of the same time have an order
 * of their own.
 */
export interface PageKey {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly id: string;
  readonly seq?: number;
}

/**
 * A page has at most this many characters of JSON, and at least one item: its reader holds and parses it as a whole.
 */
const MOST_CHARACTERS = 1024 * 1024;

/**
 * A page of rows that were read in order, one more than the page may have. Where items are long the page is shorter.
 *
 * @param itemOf  what the page shows of a row
 * @param keyOf   the key of the next page when this row is the last one
 */
export function cutPage<R, T>(
  rows: readonly R[],
  limit: number,
  itemOf: (row: R) => T,
  keyOf: (row: R) => string,
): { items: T[]; next?: string } {
  const items: T[] = [];
  let characters = 0;
  for (const row of rows.slice(0, limit)) {
    const item = itemOf(row);
    characters += JSON.stringify(item).length;
    if (items.length > 0 && characters > MOST_CHARACTERS) break;
    items.push(item);
  }
  const last = rows[items.length - 1];
  return { items, ...(last !== undefined && items.length < rows.length && { next: keyOf(last) }) };
}

const Shape = z.tuple([z.iso.datetime(), z.uuid(), z.number().int().optional()]);

/** A page key as the opaque text that callers pass back as `after`. */
export function writePageKey({ at, id, seq }: PageKey): string {
  return btoa(JSON.stringify(seq === undefined ? [at, id] : [at, id, seq]))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * Reads a page key.
 *
 * @throws CausewayError REQUEST_INVALID for a text that `writePageKey` has not written
 */
export function parsePageKey(text: string): PageKey {
  try {
    const [at, id, seq] = Shape.parse(JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/'))));
    return { at, id, ...(seq !== undefined && { seq }) };
  } catch (cause) {
    const problems = 'after: this is not a page key; pass back the `next` of the previous page';
    throw causewayError('REQUEST_INVALID', { problems }, { cause });
  }
}
