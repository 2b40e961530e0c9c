import { maskKeys, shortMasked } from '@causeway/dag';

const SECRET_NAME =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api_?key|password|passwd|secret|client_?secret|master_?key|access_?token|refresh_?token|sealed\w*)$/i;
const DEEPEST = 6;
const MOST_MEMBERS = 50;
const MOST_CHARACTERS = 4_000;
const MOST_NAME_CHARACTERS = 200;
/** Most characters of all fields of one line. */
const MOST_CHARACTERS_IN_ALL = 12_000;

/** Masks secrets in a text. */
export type Mask = (text: string) => string;

/**
 * A copy for the log: without values under secret-looking names at any logged depth, without secrets in its texts, and cut to
 * the size of a line.
 */
export function redact(value: unknown, mask: Mask = maskKeys): unknown {
  return short(value, { characters: MOST_CHARACTERS_IN_ALL, mask }, 0);
}

function short(value: unknown, budget: { characters: number; readonly mask: Mask }, depth: number): unknown {
  budget.characters -= 10;
  if (budget.characters < -MOST_CHARACTERS_IN_ALL) return '…';
  if (typeof value === 'string') {
    // A short text is an id or a name; it is kept even when long texts before it have used up the budget.
    const most = Math.max(MOST_NAME_CHARACTERS, Math.min(MOST_CHARACTERS, budget.characters));
    budget.characters -= value.length;
    return shortMasked(value, most, budget.mask);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Error)
    return { type: value.name, message: shortMasked(value.message, MOST_CHARACTERS, budget.mask) };
  if (depth >= DEEPEST) return '[deeper]';
  if (Array.isArray(value)) {
    const members = value.slice(0, MOST_MEMBERS).map((member) => short(member, budget, depth + 1));
    return value.length > MOST_MEMBERS ? [...members, `… (${value.length - MOST_MEMBERS} more)`] : members;
  }
  const copy: Record<string, unknown> = {};
  let members = 0;
  for (const [name, member] of Object.entries(value)) {
    if (++members > MOST_MEMBERS) break;
    const shown = shortMasked(name, MOST_NAME_CHARACTERS, budget.mask);
    copy[shown] = SECRET_NAME.test(name) ? '[redacted]' : short(member, budget, depth + 1);
  }
  return copy;
}
