import type { MessageRead, RouteInput, listMessagesRoute } from '@causeway/contracts';
import type { z } from 'zod';

type Message = z.infer<typeof MessageRead>;
type Column = RouteInput<typeof listMessagesRoute>['query']['order_by'];

/** Messages by a column, ascending as upstream has it; those with the same value stay as they came. */
export function inOrderOf(column: Column, messages: readonly Message[]): Message[] {
  return messages.toSorted((one, other) => {
    if (one[column] === other[column]) return 0;
    return one[column] < other[column] ? -1 : 1;
  });
}
