import type { Permission } from '@causeway/contracts';

/** What each permission allows, in words for people whom a program asks. */
export const permissionText: Readonly<Record<Permission, string>> = {
  'flow:read': 'see flows',
  'flow:write': 'create, change and delete flows',
  'flow:run': 'run flows',
  'flow:publish': 'publish versions of flows',
  'run:read': 'see runs, with what they were given and what they answered',
  'run:cancel': 'cancel runs',
  'message:read': 'read messages of conversations',
  'message:write': 'change and delete messages of conversations',
  'variable:read': 'see the names of variables and credentials',
  'variable:write': 'create, change and delete variables and credentials',
  'file:read': 'read files',
  'file:write': 'upload and delete files',
  'project:read': 'see projects',
  'project:write': 'create, change and delete projects',
  'key:read': 'see your API keys, without the keys themselves',
  'key:write': 'make and revoke API keys of yours',
  'audit:read': 'read the audit log',
  'log:read': 'read the log of the servers',
  'member:read': 'see who is a member and who has which role',
  'member:write': 'give and take away roles, and make service accounts and their keys',
  'organisation:write': 'change teams, roles and how people sign in',
};
