import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** What bounds the size of each table. */
export const bounds = {
  Event: { leavesWith: 'audit events' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
