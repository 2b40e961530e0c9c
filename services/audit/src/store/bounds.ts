import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** What keeps each table from growing for ever. */
export const bounds = {
  Event: { leavesWith: 'audit events' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
