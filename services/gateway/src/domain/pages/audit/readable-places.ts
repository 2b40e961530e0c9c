import type { ReadablePlace } from './search-form.js';

/** Teams that can be chosen; the address may name any other. */
const MOST_PLACES = 500;

/** Whose places these are. */
interface Reader {
  /** The team in which they work. */
  readonly own: string;
  /** It can be chosen again, however many places there are. */
  readonly chosen: string | undefined;
  /** Whether they may read the audit log of a team; without one, of the organisation. */
  readonly mayRead: (teamId?: string) => boolean;
}

/** Where somebody may read the audit log: first the team in which they work, then the organisation, then their other teams. */
export function readablePlaces(
  teams: readonly { readonly id: string; readonly name: string }[],
  { own, chosen, mayRead }: Reader,
): ReadablePlace[] {
  const all = mayRead() ? [{ where: 'organisation', name: 'whole organisation' }] : [];
  const ofTeams = teams.filter(({ id }) => mayRead(id)).map(({ id, name }) => ({ where: id, name }));
  const ordered = [
    ...ofTeams.filter(({ where }) => where === own),
    ...all,
    ...ofTeams.filter(({ where }) => where !== own),
  ];
  return [
    ...ordered.slice(0, MOST_PLACES),
    ...ordered.slice(MOST_PLACES).filter(({ where }) => where === chosen),
  ];
}
