import { v7 } from 'uuid';

/** A UUID v7: grows with time, also within a millisecond of one process. */
export function newId(): string {
  return v7();
}
