import type { AuditEvent } from '@causeway/contracts';
import { canonicalJson } from '@causeway/dag';

/** An event as stored: the columns for searching, and the whole event as one text. */
export interface EventRow {
  readonly time: string;
  readonly id: string;
  readonly organisationId: string;
  readonly teamId: string;
  readonly actorId: string;
  readonly action: string;
  readonly objectId: string;
  readonly result: string;
  readonly content: string;
}

/** The row of an event. */
export function eventRow(event: AuditEvent): EventRow {
  return {
    time: event.at,
    id: event.id,
    organisationId: event.organisationId,
    teamId: event.teamId,
    actorId: searchable(event.actor.id),
    action: event.action,
    objectId: searchable(event.object.id),
    result: event.result,
    content: canonicalJson(event),
  };
}

/** Longer texts do not fit an index entry. */
const SEARCHABLE_LENGTH = 500;

/** A text that a column can hold and an index can find; the event's own text is unchanged in `content`. */
export function searchable(text: string): string {
  return text.slice(0, SEARCHABLE_LENGTH).replaceAll('\u0000', '\uFFFD').toWellFormed();
}
