import type { Filter } from './filter.js';

/** Columns that a database can be asked for. */
export interface Wanted {
  readonly id?: string;
  readonly externalId?: string;
  /** In lower case. */
  readonly name?: string;
}

/**
 * What a filter needs of the columns of a table: one of these must hold. With `isAll` nothing else is needed. Undefined: every row may fit.
 * What providers ask for, a person by name or id, is found without looking at others.
 */
export interface Narrowed {
  readonly anyOf: readonly Wanted[];
  readonly isAll: boolean;
}

const MOST_ALTERNATIVES = 100;

/** @param nameOf  the attribute that is the name: `userName` or `displayName` */
export function narrowed(filter: Filter, nameOf: string): Narrowed | undefined {
  switch (filter.kind) {
    case 'compare':
      return ofComparison(filter, nameOf);
    case 'or': {
      const all = filter.of.map((one) => narrowed(one, nameOf));
      const found = all.filter((one) => one !== undefined);
      const anyOf = found.flatMap((one) => one.anyOf);
      if (found.length < all.length || anyOf.length > MOST_ALTERNATIVES) return undefined;
      return { anyOf, isAll: found.every(({ isAll }) => isAll) };
    }
    case 'and': {
      const found = filter.of.map((one) => narrowed(one, nameOf)).find((one) => one !== undefined);
      return found && { anyOf: found.anyOf, isAll: false };
    }
    default:
      return undefined;
  }
}

function ofComparison(
  { path, operator, value }: Extract<Filter, { kind: 'compare' }>,
  nameOf: string,
): Narrowed | undefined {
  const [{ name }, ...inner] = path;
  if (operator !== 'eq' || inner.length > 0 || typeof value !== 'string') return undefined;
  if (name === 'id') return { anyOf: [{ id: value }], isAll: true };
  if (name === 'externalId') return { anyOf: [{ externalId: value }], isAll: true };
  return name === nameOf ? { anyOf: [{ name: value.toLowerCase() }], isAll: true } : undefined;
}
