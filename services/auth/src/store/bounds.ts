import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** Why each table does not grow without bound. */
export const bounds = {
  Organisation: { because: 'a few, made by an operator' },
  Team: { because: 'a few, made by an operator' },
  User: { because: 'one per person, made by an operator' },
  Membership: { because: 'one per person and team' },
  ServiceAccount: { because: 'a few, made by an operator' },
  ApiKey: { leavesWith: 'ended API keys' },
  Outbox: { because: 'rows are deleted once their consumer has confirmed them' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
