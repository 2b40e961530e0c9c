import type { TableBound } from '@causeway/platform';
import type { Prisma } from './generated/client.js';

/** Why each table does not grow without bound. */
export const bounds = {
  Organisation: { because: 'a few, made by an operator' },
  Team: { because: 'at most 1,000 in an organisation that are not deleted' },
  User: { because: 'at most 100,000 in an organisation' },
  Password: { because: 'at most one of a person' },
  Invitation: { leavesWith: 'expired invitations' },
  Connection: { because: 'at most 50 in an organisation' },
  UsedAssertion: { leavesWith: 'used assertions' },
  Identity: { because: 'one per person and identity provider of an organisation' },
  BarredPerson: { because: 'at most one per deleted person and connection, and it ends with the connection' },
  Group: { because: 'at most 1,000 in an organisation' },
  GroupMember: { because: 'at most 200 of a person' },
  ScimToken: { because: 'at most two of a connection' },
  ScimUser: { because: 'at most one per person and connection' },
  ScimGroup: { because: 'at most one per group' },
  Session: { leavesWith: 'ended sessions' },
  OauthClient: { because: 'at most 20 of a service account, and 200 in an organisation that act for people' },
  OauthGrant: { leavesWith: 'ended grants of programs' },
  OauthToken: { leavesWith: 'ended tokens' },
  OauthDeviceCode: { leavesWith: 'expired device codes' },
  OauthKey: { because: 'one that signs, and those that are published for a day after it was renewed' },
  Membership: { because: 'one per person and team' },
  ServiceAccount: { because: 'at most 500 in a team' },
  Role: { because: 'at most 100 in an organisation' },
  RoleBinding: { because: 'at most 50 of one user, group or service account, and 200 of a team' },
  ApiKey: { leavesWith: 'ended API keys' },
  DataKey: { because: 'at most 1,000 of an organisation, one for each rotation' },
  OldMasterKey: { because: 'one per master key of the time before there were data keys' },
  Outbox: { because: 'rows are deleted once their consumer has confirmed them' },
} as const satisfies Readonly<Record<Prisma.ModelName, TableBound>>;
