/** A message of a list, as its JSON, with the value by which the list is ordered. */
export interface Listed {
  readonly order: string;
  readonly json: string;
}

/** Messages in ascending order, as upstream has it; those with the same value stay as they came. */
export function inOrder(messages: readonly Listed[]): Listed[] {
  return messages.toSorted((one, other) => {
    if (one.order === other.order) return 0;
    return one.order < other.order ? -1 : 1;
  });
}
