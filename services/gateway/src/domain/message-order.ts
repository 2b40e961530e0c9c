/** A message of a list, as its JSON, with the value by which the list is ordered. */
export interface Listed {
  readonly order: string;
  readonly json: string;
}

/** Messages in ascending order, as in Langflow; those with the same value keep their order. */
export function inOrder(messages: readonly Listed[]): Listed[] {
  return messages.toSorted((one, other) => {
    if (one.order === other.order) return 0;
    return one.order < other.order ? -1 : 1;
  });
}
