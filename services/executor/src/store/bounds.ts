import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** What bounds the size of each table. */
export const bounds = {
  Execution: { leavesWith: 'runs' },
  StepResult: { leavesWith: 'runs' },
  StepAttempt: { leavesWith: 'runs' },
  Effect: { leavesWith: 'runs' },
  Incident: { leavesWith: 'runs' },
  Message: { leavesWith: 'messages' },
  Executor: { leavesWith: 'runners' },
  Outbox: { because: 'rows are deleted once their consumer has confirmed them' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
