import type { AuditEvent } from '@causeway/contracts';

/** Of more things of one kind that end at once one event tells, with their number. */
export const MOST_TOLD = 300;

/** The audit event of each thing that ended with something else; of very many, one event that counts them. */
export function eventsOfEach<T>(ended: readonly T[], eventOf: (one: T) => AuditEvent): AuditEvent[] {
  const [first] = ended;
  if (first === undefined || ended.length <= MOST_TOLD) return ended.map(eventOf);
  // They may be of several teams and people.
  const { teamId: _team, object, detail, ...rest } = eventOf(first);
  const because = detail?.['because'];
  const count = ended.length;
  return [
    {
      ...rest,
      object: { type: object.type, id: 'several', name: `${count} at once` },
      ...(because !== undefined && { detail: { because } }),
      count,
    },
  ];
}
