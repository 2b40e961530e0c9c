import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** What bounds the size of each table. */
export const bounds = {
  Event: { leavesWith: 'audit events' },
  EventSeal: { leavesWith: 'audit events' },
  RemovedSeal: { because: 'of each month, only blocks that reach into another one' },
  Checkpoint: {
    because: 'they stay as proof: one a minute at most, and one in 10,000 events, of 600 bytes each',
  },
  EventStream: { because: 'one for each organisation' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
