/** One page of a list, and the position of the next one. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

/**
 * Every item of a list, however many, one page in memory at a time. It settles when the first page is read, so that an error is known
 * before the answer begins.
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
