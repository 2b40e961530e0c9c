import { z } from 'zod';
import { causewayError } from './errors.js';

/** Where a page of a list ended: the time and id of its last row, and a number where rows of one time have an order of their own. */
export interface PageKey {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly id: string;
  readonly seq?: number;
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
 * Reads a page key back.
 *
 * @throws CausewayError REQUEST_INVALID for a text that `writePageKey` has not written
 */
export function parsePageKey(text: string): PageKey {
  try {
    const [at, id, seq] = Shape.parse(JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/'))));
    return { at, id, ...(seq !== undefined && { seq }) };
  } catch (cause) {
    const problems = 'after: this is not a page key; pass back the `next` of the page before';
    throw causewayError('REQUEST_INVALID', { problems }, { cause });
  }
}
