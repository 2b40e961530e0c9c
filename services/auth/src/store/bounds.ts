import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** Why each table does not grow without bound. */
export const bounds = {
  Organisation: { because: 'a few, made by an operator' },
  Team: { because: 'at most 1,000 in an organisation' },
  User: { because: 'one per person, made by an operator' },
  Membership: { because: 'one per person and team' },
  ServiceAccount: { because: 'at most 500 in a team' },
  Role: { because: 'at most 100 in an organisation' },
  RoleBinding: { because: 'at most 50 of one user or service account' },
  ApiKey: { leavesWith: 'ended API keys' },
  DataKey: { because: 'at most 1,000 of an organisation, one for each rotation' },
  OldMasterKey: { because: 'one per master key of the time before there were data keys' },
  Outbox: { because: 'rows are deleted once their consumer has confirmed them' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
