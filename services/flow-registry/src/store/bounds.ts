import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** What bounds the size of each table. */
export const bounds = {
  Project: { leavesWith: 'deleted projects' },
  Flow: { leavesWith: 'deleted flows' },
  FlowVersion: { leavesWith: 'replaced flow versions' },
  CompiledPlan: { leavesWith: 'plans of other compilers' },
  FlowHook: { because: 'a flow has at most one, which is deleted with it' },
  Source: { leavesWith: 'imported files of no flow' },
  Variable: { because: 'callers create and delete them' },
  File: { leavesWith: 'files' },
  DroppedObject: { because: 'rows are deleted once their objects are' },
  EndedTeam: { because: 'rows are deleted a week after their team' },
  Outbox: { because: 'rows are deleted once their consumer has confirmed them' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
