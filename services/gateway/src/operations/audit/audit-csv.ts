import type { AuditEvent } from '@causeway/contracts';
import { stringify } from 'csv-stringify/sync';

/** An event as an export has it. */
export interface ExportedEvent {
  readonly seq: number;
  readonly hash: string;
  readonly event: AuditEvent;
}

/** The columns, in their order. */
const columns: Readonly<Record<string, (exported: ExportedEvent) => string | number | undefined>> = {
  seq: ({ seq }) => seq,
  at: ({ event }) => event.at,
  action: ({ event }) => event.action,
  result: ({ event }) => event.result,
  code: ({ event }) => event.code,
  actor_kind: ({ event }) => event.actor.kind,
  actor_id: ({ event }) => event.actor.id,
  actor_name: ({ event }) => event.actor.name,
  key_id: ({ event }) => event.actor.keyId,
  team_id: ({ event }) => event.teamId,
  object_type: ({ event }) => event.object.type,
  object_id: ({ event }) => event.object.id,
  object_name: ({ event }) => event.object.name,
  object_version: ({ event }) => event.object.version,
  address: ({ event }) => event.from?.address,
  user_agent: ({ event }) => event.from?.userAgent,
  request_id: ({ event }) => event.requestId,
  run_id: ({ event }) => event.runId,
  count: ({ event }) => event.count,
  detail: ({ event }) => event.detail && JSON.stringify(event.detail),
  id: ({ event }) => event.id,
  hash: ({ hash }) => hash,
};

/** The first row. */
export const csvHeader = stringify([Object.keys(columns)]);

/** Rows of events. What a spreadsheet would take for a formula begins with an apostrophe, so that it is shown and not computed. */
export function csvRows(events: readonly ExportedEvent[]): string {
  const read = Object.values(columns);
  return stringify(
    events.map((exported) => read.map((column) => column(exported))),
    { escape_formulas: true },
  );
}
