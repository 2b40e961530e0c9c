import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** What keeps each table from growing for ever. */
export const bounds = {
  Organisation: { because: 'a few, made by an operator' },
  Team: { because: 'a few, made by an operator' },
  User: { because: 'one per person, made by an operator' },
  Membership: { because: 'one per person and team' },
  ServiceAccount: { because: 'a few, made by an operator' },
  ApiKey: { leavesWith: 'ended API keys' },
  Outbox: { because: 'rows are deleted once their consumer has confirmed them' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
