import { type Level, type Permission, permissions } from '@causeway/contracts';

const viewer = [
  'flow:read',
  'run:read',
  'message:read',
  'file:read',
  'project:read',
  'key:read',
  'key:write',
  'member:read',
] as const;
const runner = [...viewer, 'flow:run', 'run:cancel', 'message:write', 'file:write'] as const;
const editor = [...runner, 'flow:write', 'project:write', 'variable:read'] as const;
const publisher = [...editor, 'flow:publish'] as const;
const admin = [...publisher, 'variable:write', 'audit:read', 'member:write'] as const;

/** The roles that every organisation has, and what each allows where it is given. Each role includes the one before it. */
export const builtInRoles: Readonly<Record<string, readonly Permission[]>> = {
  viewer,
  runner,
  editor,
  publisher,
  admin,
  owner: permissions,
};

/** Permissions about the whole platform or organisation: a role that is given in a team does not include them. */
const ofOrganisation: ReadonlySet<Permission> = new Set(['log:read', 'organisation:write']);
/** What can be about one project; everything else is about a whole team. */
const ofProject = /^(flow|run|message|file|project|member):/;
/** What can be about one flow. */
const ofFlow = /^(flow|run|message|file|member):/;

/** What a role allows where it is given. @param custom  the permissions of a role that is not built in */
export function permissionsOfRole(
  role: string,
  custom: readonly Permission[] | undefined,
  level: Level,
): readonly Permission[] {
  const all = Object.hasOwn(builtInRoles, role)
    ? (builtInRoles[role] as readonly Permission[])
    : (custom ?? []);
  switch (level) {
    case 'organisation':
      return all;
    case 'team':
      return all.filter((permission) => !ofOrganisation.has(permission));
    case 'project':
      return all.filter((permission) => ofProject.test(permission));
    case 'flow':
      return all.filter((permission) => ofFlow.test(permission));
  }
}
