import type { AuditEvent } from '@causeway/contracts';
import { canonicalJson } from '@causeway/dag';
import { isKept } from './month.js';

/** An event as stored: the columns for searching, and the whole event as one text. */
export interface EventRow {
  readonly time: string;
  readonly id: string;
  readonly organisationId: string;
  readonly teamId: string | null;
  readonly actorId: string;
  readonly action: string;
  readonly objectType: string;
  readonly objectId: string;
  readonly result: string;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly runId: string | null;
  readonly words: string;
  readonly content: string;
  /** Its sender gave an impossible time, so it has the time of its arrival, another one each time it is sent. */
  readonly isMisdated: boolean;
}

/** The row of an event. An event with an impossible time gets that of its arrival, and says so. */
export function eventRow(event: AuditEvent, now: Date): EventRow {
  const isMisdated = !isKept(event.at, now);
  const kept = isMisdated ? { ...event, at: now.toISOString(), claimedAt: event.at } : event;
  return {
    time: kept.at,
    id: kept.id,
    organisationId: kept.organisationId,
    teamId: kept.teamId ?? null,
    actorId: searchable(kept.actor.id),
    action: kept.action,
    objectType: searchable(kept.object.type),
    objectId: searchable(kept.object.id),
    result: kept.result,
    address: searchableOrNull(kept.from?.address),
    requestId: searchableOrNull(kept.requestId),
    runId: searchableOrNull(kept.runId),
    words: wordsOf(kept),
    content: canonicalJson(kept),
    isMisdated,
  };
}

/** Longer texts do not fit an index entry. */
const SEARCHABLE_LENGTH = 500;
const MOST_WORDS = 2_000;

/** A text that a column can hold and an index can find; the event's own text is unchanged in `content`. */
export function searchable(text: string): string {
  return text.slice(0, SEARCHABLE_LENGTH).replaceAll('\u0000', '\uFFFD').toWellFormed();
}

function searchableOrNull(text: string | undefined): string | null {
  return text === undefined ? null : searchable(text);
}

/** What a search for words finds, in lower case. Ids are not among them: they have filters of their own, and would fill the index. */
export function wordsOf({ actor, action, object, code, from, detail }: AuditEvent): string {
  const texts = [actor.name, action, object.name, code, from?.userAgent];
  let length = 0;
  const collect = (value: unknown): void => {
    if (length > MOST_WORDS) return;
    if (typeof value === 'string') {
      if (IS_ID.test(value)) return;
      texts.push(value);
      length += value.length + 1;
    } else if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value)) collect(member);
  };
  collect(detail);
  const words = texts.filter((text) => text !== undefined).join(' ');
  return words.slice(0, MOST_WORDS).toLowerCase().replaceAll('\u0000', '\uFFFD').toWellFormed();
}

const IS_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
