import { covers, permissionsOfRole } from '@causeway/authz';
import type { Level, Permission } from '@causeway/contracts';
import { ALLOWED, type Finding, type Invariant, type Ledger, jsonOf } from './invariant.js';

/** A role that somebody had somewhere, and when. */
interface Held {
  readonly subject: string;
  readonly role: string;
  readonly level: Level;
  readonly objectId: string;
  readonly teamId: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
}

interface Submitted {
  readonly id: string;
  readonly organisationId: string;
  readonly teamId: string;
  readonly projectId: string;
  readonly flowId: string;
  readonly kind: string;
  readonly principal: string;
  readonly atMs: number;
  /** When the key that was used, or its holder, ended before; null when neither has. */
  readonly endedMs: number | null;
}

/** What a role allowed from a time on. */
interface RolePermissions {
  readonly role: string;
  readonly permissions: readonly Permission[] | null;
  readonly former: readonly Permission[] | null;
  readonly atMs: number;
}

const ACT = 'flow:run';
const MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;
const LEEWAY_MS = ALLOWED.accessS * 1000;

/**
 * Who ran a flow had a role for that then, as the roles and the audit log say, and a key that was valid. What a run used is its team's: variables and files are found
 * by the team in every query. A webhook is a principal of its own, whose flow it is. Of a flow that was moved, the runs before stay in the team
 * that it had; a version stays in the one in which it was made. What is shared with a team is used by those who have a role in the whole team.
 */
export const grantInvariant: Invariant = {
  number: 14,
  name: 'no run used a flow without a role that allowed it then',
  check: async (ledger) => {
    const foreign = await ledger.query<{ what: string }>(`
      SELECT 'run ' || r.id || ' is of team ' || r.team_id || ', its flow of team ' || f.team_id AS what
      FROM scheduler.run r JOIN flow_registry.flow f ON f.id = r.flow_id
      WHERE f.organisation_id <> r.organisation_id OR (f.team_id <> r.team_id AND NOT (r.team_id = ANY(f.former_team_ids)))
      UNION ALL
      SELECT 'run ' || r.id || ' is of team ' || r.team_id || ', which its flow had left before, for team ' || f.team_id
      FROM scheduler.run r JOIN flow_registry.flow f ON f.id = r.flow_id
      WHERE f.team_id <> r.team_id AND r.team_id = ANY(f.former_team_ids) AND NOT EXISTS (
        SELECT FROM audit.event a CROSS JOIN LATERAL (SELECT ${jsonOf('a.content')} AS content) c
        WHERE a.action = 'flow.move' AND a.object_id = f.id::text AND c.content -> 'detail' ->> 'from' = r.team_id::text
          AND ${MS('a.time')} >= ${MS('r.submitted_at')} - ${LEEWAY_MS})
      UNION ALL
      SELECT 'run ' || r.id || ' is of team ' || r.team_id || ', its version of team ' || v.team_id
      FROM scheduler.run r JOIN flow_registry.flow f ON f.id = r.flow_id
      JOIN flow_registry.flow_version v ON v.flow_id = r.flow_id AND v.version_hash = r.version_hash
      WHERE v.organisation_id <> r.organisation_id OR (v.team_id <> f.team_id AND NOT (v.team_id = ANY(f.former_team_ids)))`);
    const { looked, violations } = await checkGrants(ledger);
    return { looked, violations: [...foreign.map(({ what }) => what), ...violations] };
  },
};

async function checkGrants(ledger: Ledger): Promise<Finding> {
  const runs = await ledger.query<Submitted>(`
    SELECT r.id, r.organisation_id AS "organisationId", r.team_id AS "teamId", r.project_id AS "projectId", r.flow_id AS "flowId",
           c.content -> 'actor' ->> 'kind' AS kind, c.content -> 'actor' ->> 'id' AS principal, ${MS('r.submitted_at')} AS "atMs",
           ${MS('least(k.revoked_at, k.expires_at, coalesce(u.disabled_at, s.disabled_at))')} AS "endedMs"
    FROM audit.event a CROSS JOIN LATERAL (SELECT ${jsonOf('a.content')} AS content) c
    JOIN scheduler.run r ON r.id::text = c.content ->> 'runId'
    LEFT JOIN auth.api_key k ON k.id::text = c.content -> 'actor' ->> 'keyId'
    LEFT JOIN auth."user" u ON u.id::text = c.content -> 'actor' ->> 'id'
    LEFT JOIN auth.service_account s ON s.id::text = c.content -> 'actor' ->> 'id'
    WHERE a.action = 'run.submit'`);
  const held = Map.groupBy(await rolesHeld(ledger), ({ subject }) => subject);
  const groups = Map.groupBy(await groupsOf(ledger), ({ member }) => member);
  const roles = Map.groupBy(await rolePermissions(ledger), ({ role }) => role);
  const violations: string[] = [];
  let looked = 0;
  for (const run of runs) {
    if (run.kind !== 'user' && run.kind !== 'service_account') continue;
    looked += 1;
    const { id, principal, atMs, endedMs } = run;
    if (endedMs !== null && endedMs < atMs - LEEWAY_MS)
      violations.push(
        `run ${id} was submitted with a key that ended, or by somebody who was disabled, before`,
      );
    const subjects = [
      principal,
      ...(groups.get(principal) ?? [])
        .filter(({ fromMs, untilMs }) => isWithin(atMs, fromMs, untilMs))
        .map(({ group }) => group),
    ];
    const had = subjects.flatMap((subject) => held.get(subject) ?? []);
    const teams = new Set(had.filter((one) => isOfTeam(one, atMs)).map(({ objectId }) => objectId));
    const shared = [...teams].flatMap((team) => held.get(team) ?? []).filter(({ level }) => level === 'flow');
    // Of a group that was deleted, nothing says any more where it had roles.
    if (!subjects.includes('') && ![...had, ...shared].some((one) => allows(run, one, roles)))
      violations.push(`run ${id} was submitted by ${principal}, who had no role that allows it`);
  }
  return { looked, violations };
}

/** Whether somebody had a role in a whole team then: what is shared with the team is theirs to use. */
function isOfTeam({ level, fromMs, untilMs }: Held, atMs: number): boolean {
  return level === 'team' && isWithin(atMs, fromMs, untilMs);
}

function allows(run: Submitted, one: Held, roles: ReadonlyMap<string, readonly RolePermissions[]>): boolean {
  if (!isWithin(run.atMs, one.fromMs, one.untilMs)) return false;
  const { organisationId, teamId, projectId, flowId } = run;
  const grant = {
    level: one.level,
    objectId: one.objectId,
    ...(one.teamId !== null && { teamId: one.teamId }),
  };
  if (!covers(grant, { organisationId, teamId, projectId, flowId })) return false;
  const custom = permissionsThen(roles.get(`${organisationId} ${one.role}`) ?? [], run.atMs);
  return custom.some((permissions) => permissionsOfRole(one.role, permissions, one.level).includes(ACT));
}

/** What a custom role may have allowed at a time, with what gateways may still have known; nothing of its own for a built-in one. */
function permissionsThen(
  changes: readonly RolePermissions[],
  atMs: number,
): readonly (readonly Permission[] | undefined)[] {
  if (changes.length === 0) return [undefined];
  const sorted = changes.toSorted((a, b) => a.atMs - b.atMs);
  const before = sorted.findLast((change) => change.atMs <= atMs - LEEWAY_MS);
  const near = sorted.filter((change) => Math.abs(change.atMs - atMs) <= LEEWAY_MS);
  return [
    before?.permissions ?? [],
    ...near.flatMap(({ permissions, former }) => [permissions ?? [], former ?? []]),
  ];
}

function isWithin(atMs: number, fromMs: number, untilMs: number): boolean {
  return atMs >= fromMs - LEEWAY_MS && atMs <= untilMs + LEEWAY_MS;
}

/** The roles that there are, and those that the audit log says were taken away. */
function rolesHeld(ledger: Ledger): Promise<Held[]> {
  return ledger.query<Held>(`
    SELECT subject_id::text AS subject, role, level, object_id::text AS "objectId", team_id::text AS "teamId",
           ${MS('created_at')} AS "fromMs", 'infinity'::float8 AS "untilMs"
    FROM auth.role_binding
    UNION ALL
    SELECT c.content -> 'detail' -> 'subject' ->> 'id', c.content -> 'detail' ->> 'role', c.content -> 'detail' ->> 'level',
           c.content -> 'detail' ->> 'objectId', c.content ->> 'teamId', '-infinity'::float8, ${MS('a.time')}
    FROM audit.event a CROSS JOIN LATERAL (SELECT ${jsonOf('a.content')} AS content) c
    WHERE a.action = 'role_binding.delete' AND a.result = 'succeeded'`);
}

/**
 * The groups in which people are or were. What a provider says at a sign-in is in no event, so whoever signs in there counts as having been in
 * its groups; a group that was deleted has the id ''.
 */
function groupsOf(
  ledger: Ledger,
): Promise<{ member: string; group: string; fromMs: number; untilMs: number }[]> {
  return ledger.query(`
    SELECT user_id::text AS member, group_id::text AS "group", ${MS('created_at')} AS "fromMs", 'infinity'::float8 AS "untilMs"
    FROM auth.group_member
    UNION ALL
    SELECT i.user_id::text, g.id::text, '-infinity'::float8, 'infinity'::float8
    FROM auth.identity i JOIN auth."group" g ON g.connection_id = i.connection_id
    UNION ALL
    SELECT c.content -> 'detail' -> 'user' ->> 'id', coalesce(g.id::text, ''), '-infinity'::float8,
           CASE WHEN a.action = 'group_member.delete' THEN ${MS('a.time')} ELSE 'infinity'::float8 END
    FROM audit.event a CROSS JOIN LATERAL (SELECT ${jsonOf('a.content')} AS content) c
    LEFT JOIN auth."group" g ON g.id::text = c.content -> 'object' ->> 'id'
    WHERE a.action = 'group_member.delete' OR (a.action = 'group_member.create' AND g.id IS NULL)
    UNION ALL
    SELECT i.user_id::text, '', '-infinity'::float8, 'infinity'::float8
    FROM auth.identity i WHERE EXISTS (
      SELECT FROM audit.event a WHERE a.action = 'group.delete' AND a.organisation_id = i.organisation_id)`);
}

/** What custom roles allowed, and since when: as they are, and as the audit log says that they were changed. */
function rolePermissions(ledger: Ledger): Promise<RolePermissions[]> {
  return ledger.query<RolePermissions>(`
    SELECT organisation_id || ' ' || name AS role, to_json(permissions) AS permissions, NULL::json AS former, '-infinity'::float8 AS "atMs"
    FROM auth.role r
    WHERE NOT EXISTS (SELECT FROM audit.event a WHERE a.action LIKE 'role.%' AND a.organisation_id = r.organisation_id AND a.object_id = r.name)
    UNION ALL
    SELECT a.organisation_id || ' ' || a.object_id, (c.content -> 'detail' -> 'permissions')::json,
           (c.content -> 'detail' -> 'formerPermissions')::json, ${MS('a.time')}
    FROM audit.event a CROSS JOIN LATERAL (SELECT ${jsonOf('a.content')} AS content) c
    WHERE a.action LIKE 'role.%' AND a.result = 'succeeded'`);
}
