import type { Narrowed } from '../../domain/scim/narrow.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text can be an id of ours; what somebody else calls a thing need not be one. */
export function isId(text: string): boolean {
  return UUID.test(text);
}

/** The condition for rows that a filter can be about. @param byName  the condition for a name in lower case */
export function conditionOf<T extends object>(narrow: Narrowed | undefined, byName: (name: string) => T) {
  if (!narrow) return {};
  const alternatives = narrow.anyOf
    .filter(({ id }) => id === undefined || isId(id))
    .map(({ id, externalId, name }) => ({
      ...(id !== undefined && { id }),
      ...(externalId !== undefined && { externalId }),
      ...(name !== undefined && byName(name)),
    }));
  // No alternative: then no row fits.
  return { OR: alternatives };
}

/** A part of the rows that fit, oldest first. */
export interface Slice {
  readonly skip: number;
  readonly take: number;
}

export function inOrder({ skip, take }: Slice) {
  return { orderBy: [{ createdAt: 'asc' as const }, { id: 'asc' as const }], skip, take };
}
