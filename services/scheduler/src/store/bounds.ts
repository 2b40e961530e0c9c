import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** Why each table does not grow without bound. */
export const bounds = {
  Run: { leavesWith: 'runs' },
  Idempotency: { leavesWith: 'idempotency keys' },
  Slot: { leavesWith: 'slots of flows without runs' },
  Lane: { because: 'one per team and class of runs' },
  EndedTeam: { because: 'a row is deleted an hour after its team, once its runs are over' },
  Outbox: { because: 'rows are deleted once their consumer has confirmed them' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
