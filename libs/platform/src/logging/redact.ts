import { shortText } from '@causeway/dag';

const SECRET_NAME =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api_?key|password|passwd|secret|client_?secret|master_?key|access_?token|refresh_?token|sealed\w*)$/i;
const DEEPEST = 6;
const MOST_MEMBERS = 50;
const MOST_CHARACTERS = 4_000;
const MOST_NAME_CHARACTERS = 200;
/** What the fields of one line have in all. */
const MOST_CHARACTERS_IN_ALL = 12_000;

/** A copy without the values that stand under secret-looking names, at any depth that is logged, and without what is too much for a line. */
export function redact(value: unknown): unknown {
  return short(value, { characters: MOST_CHARACTERS_IN_ALL }, 0);
}

function short(value: unknown, budget: { characters: number }, depth: number): unknown {
  budget.characters -= 10;
  if (budget.characters < -MOST_CHARACTERS_IN_ALL) return '…';
  if (typeof value === 'string') {
    // A short one is an id or a name, which long texts before it do not push out.
    const most = Math.max(MOST_NAME_CHARACTERS, Math.min(MOST_CHARACTERS, budget.characters));
    budget.characters -= value.length;
    return shortText(value, most);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Error) return { type: value.name, message: shortText(value.message, MOST_CHARACTERS) };
  if (depth >= DEEPEST) return '[deeper]';
  if (Array.isArray(value)) {
    const members = value.slice(0, MOST_MEMBERS).map((member) => short(member, budget, depth + 1));
    return value.length > MOST_MEMBERS ? [...members, `… (${value.length - MOST_MEMBERS} more)`] : members;
  }
  const copy: Record<string, unknown> = {};
  let members = 0;
  for (const [name, member] of Object.entries(value)) {
    if (++members > MOST_MEMBERS) break;
    const shown = shortText(name, MOST_NAME_CHARACTERS);
    copy[shown] = SECRET_NAME.test(name) ? '[redacted]' : short(member, budget, depth + 1);
  }
  return copy;
}
