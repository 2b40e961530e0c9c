import { parsePageKey, writePageKey } from '@causeway/contracts';

/** A page of a list. */
export interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** The condition for rows after a page key. */
export function after(page: Page) {
  if (page.after === undefined) return {};
  const key = parsePageKey(page.after);
  return { OR: [{ createdAt: { gt: key.at } }, { createdAt: key.at, id: { gt: key.id } }] };
}

/** Oldest first, and one row more than the page has. */
export function inOrder(page: Page) {
  return { orderBy: [{ createdAt: 'asc' as const }, { id: 'asc' as const }], take: page.limit + 1 };
}

/** The key of the page after this row. */
export function keyOf({ createdAt, id }: { createdAt: Date; id: string }): string {
  return writePageKey({ at: createdAt.toISOString(), id });
}
