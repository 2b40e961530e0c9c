import { ALLOWED, sqlInvariant } from './invariant.js';

/** Tables whose rows are made by somebody, with the event that reports it and how the event names the row. */
const MADE: readonly { table: string; action: string; name: string }[] = [
  { table: 'flow_registry.flow', action: 'flow.create', name: 'id' },
  { table: 'flow_registry.project', action: 'project.create', name: 'id' },
  { table: 'flow_registry.variable', action: 'variable.create', name: 'id' },
  { table: 'auth.team', action: 'team.create', name: 'id' },
  { table: 'auth.service_account', action: 'service_account.create', name: 'id' },
  { table: 'auth.role', action: 'role.create', name: 'name' },
  { table: 'auth.role_binding', action: 'role_binding.create', name: 'id' },
  { table: 'auth.api_key', action: 'key.create', name: 'id' },
  { table: 'auth.oauth_client', action: 'client.create', name: 'id' },
  { table: 'auth.connection', action: 'connection.create', name: 'id' },
];
/** The same for what ended and is still there. Sessions are not among it: many end with their person, connection or password, whose event tells of it. */
const ENDED: readonly { table: string; column: string; action: string }[] = [
  { table: 'flow_registry.flow', column: 'deleted_at', action: 'flow.delete' },
  { table: 'auth.api_key', column: 'revoked_at', action: 'key.delete' },
];

/** An event of the audit log reports a row: since when the log is kept, and not only in the last moments. */
const unreported = (table: string, time: string, action: string, name: string): string => `
  SELECT '${table} ' || r.${name} || ' of organisation ' || r.organisation_id || ' has no event ${action}' AS what
  FROM ${table} r
  WHERE r.${time} < now() - interval '${ALLOWED.outboxS} s'
    AND r.${time} > (SELECT min(e.time) FROM audit.event e WHERE e.organisation_id = r.organisation_id)
    AND NOT EXISTS (SELECT FROM audit.event e
                    WHERE e.organisation_id = r.organisation_id AND e.action = '${action}' AND e.object_id = r.${name}::text)`;

/** What the audit log must hold besides runs, which are part of 17: that it is whole and unchanged is 13. */
export const coverageInvariant = sqlInvariant(13, 'the audit log says who made and ended what there is', {
  all: `SELECT sum(n)::int AS n FROM (${MADE.map(({ table }) => `SELECT count(*) AS n FROM ${table}`).join(' UNION ALL ')}) AS counted`,
  broken: [
    ...MADE.map(({ table, action, name }) => unreported(table, 'created_at', action, name)),
    ...ENDED.map(({ table, column, action }) => unreported(table, column, action, 'id')),
  ].join(' UNION ALL '),
});
