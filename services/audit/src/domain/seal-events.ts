import { FIRST_PREVIOUS, chainHash } from '@causeway/audit-chain';

/** The end of an organisation's chain: the number and the hash of its last event. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first event. */
export const NO_HEAD: ChainHead = { seq: 0, hash: FIRST_PREVIOUS };

/** What is sealed of an event. */
export interface Sealable {
  /** As text, so that it keeps the microseconds of the database. */
  readonly time: string;
  readonly id: string;
  readonly organisationId: string;
  readonly content: string;
}

/** The place of an event in the chain. */
export interface Seal extends Omit<Sealable, 'content'> {
  readonly seq: number;
  readonly hash: string;
}

/** The seals of new events, in their order, each behind the last one of its organisation. */
export function sealEvents(events: readonly Sealable[], heads: ReadonlyMap<string, ChainHead>): Seal[] {
  const ends = new Map(heads);
  return events.map(({ time, id, organisationId, content }) => {
    const { seq, hash: previous } = ends.get(organisationId) ?? NO_HEAD;
    const end = { seq: seq + 1, hash: chainHash(previous, content) };
    ends.set(organisationId, end);
    return { time, id, organisationId, ...end };
  });
}
