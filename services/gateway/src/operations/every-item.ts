/** One page of a list, and what the next one is asked for with. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

/**
 * Every item of a list, however many, a page in memory at a time. The first page is there when this settles, so that whatever keeps the
 * list from being read is told before the answer begins.
 */
export async function everyItem<T>(
  ask: (after: { after?: string }) => Promise<ListPage<T>>,
): Promise<AsyncGenerator<T>> {
  return itemsFrom(await ask({}), ask);
}

async function* itemsFrom<T>(
  first: ListPage<T>,
  ask: (after: { after?: string }) => Promise<ListPage<T>>,
): AsyncGenerator<T> {
  for (let page = first; ; page = await ask({ after: page.next })) {
    yield* page.items;
    if (page.next === undefined) return;
  }
}
