import type { ErrorEntry } from './error-entry.js';

/** Errors of teams, people, groups and roles: who may do what. */
export const accessErrors = {
  PERMISSION_DENIED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'This needs the permission {permission}, which the key, or a role of its holder, does not allow here. npx causeway access, or GET /api/platform/v1/access, shows what is allowed, and why.',
  },
  OPERATION_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no operation {operation}; /docs lists all of them.',
  },
  TEAM_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'There is no team {teamId}.' },
  TEAM_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'A team named {name} exists already; choose another name.',
  },
  ACCOUNT_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no service account {accountId}.',
  },
  ACCOUNT_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The team already has a service account named {name}; choose another name.',
  },
  TEAM_NOT_EMPTY: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'The team {name} holds {holds}; to delete it with all of that, confirm it with the name of the team.',
  },
  TEAM_LAST: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The team {name} is the last one or the one that every installation has; it cannot be deleted.',
  },
  USER_NOT_DISABLED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: '{name} is not disabled; disable a person before you delete them.',
  },
  SHARE_REFUSED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'The flow is not shared: {problem}. Share single flows with other teams; in a team, give roles to its people, groups and service accounts.',
  },
  ACCOUNT_ELSEWHERE: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'The service account {name} belongs to team {team} and has roles only there; make another one in the other team.',
  },
  USER_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no person {userId}.',
  },
  USER_DISABLED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: '{name} is disabled here; an administrator can enable them.',
  },
  PERSON_BARRED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'This person was deleted here at {deletedAt} and does not come back by connection {connection}. An administrator can readmit them: npx causeway users readmit {userId}.',
  },
  BARRED_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'No deleted person {userId} is barred; npx causeway users barred lists who is.',
  },
  PERSON_DIVIDED: {
    status: 409,
    level: 'warn',
    retry: 'never',
    message:
      '{name} is two people here, and both have signed in or have rights of their own. An administrator must disable one of them, and delete and send the other one anew at the identity provider.',
  },
  GROUP_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no group {groupId}.',
  },
  GROUP_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'There is a group {name} already; choose another name.',
  },
  GROUP_CLAIM_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The group {name} stands for {claimValue} of connection {connection} already.',
  },
  GROUP_OF_CONNECTION: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The identity provider of connection {connection} says who is in group {name}; change it there.',
  },
  SUBJECT_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'There is no {kind} {id} here.' },
  ROLE_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no role {role}; npx causeway roles, or GET /api/platform/v1/roles, lists them.',
  },
  ROLE_BUILT_IN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The role {role} is built in and cannot be changed; make a role with another name.',
  },
  ROLE_IN_USE: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: '{count} role bindings give the role {role}; remove them first.',
  },
  ROLE_TOO_WIDE: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'A role can be given, changed or taken away only by those who have all of its permissions in the same place; {role} also has {permission}.',
  },
  BINDING_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no role binding {bindingId}.',
  },
  OWNER_LAST: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'This is the last role binding that makes an enabled user an owner of the organisation. First make somebody else an owner.',
  },
  LIMIT_REACHED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'There are {limit} {what} already, which is the most that is allowed.',
  },
} as const satisfies Record<string, ErrorEntry>;
