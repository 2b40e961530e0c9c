import { maskKeys, shortText } from '@causeway/dag';

const SECRET_NAME =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api_?key|password|passwd|secret|client_?secret|master_?key|access_?token|refresh_?token|sealed\w*)$/i;
const DEEPEST = 6;
const MOST_MEMBERS = 50;
const MOST_CHARACTERS = 4_000;
const MOST_NAME_CHARACTERS = 200;
/** What the fields of one line have in all. */
const MOST_CHARACTERS_IN_ALL = 12_000;

/** A secret that stands across the end of a text is found when so much more of it is looked at. */
const BEYOND_CHARACTERS = 2_000;

/** Masks secrets in a text. */
export type Mask = (text: string) => string;

/**
 * A copy without the values that stand under secret-looking names, at any depth that is logged, without secrets in its texts, and
 * without what is too much for a line.
 */
export function redact(value: unknown, mask: Mask = maskKeys): unknown {
  return short(value, { characters: MOST_CHARACTERS_IN_ALL, mask }, 0);
}

/** A text as a line has it: so much of it, without secrets. */
export function logText(text: string, most: number, mask: Mask): string {
  if (text.length <= most) return shortText(mask(text), most);
  const shown = mask(text.slice(0, most + BEYOND_CHARACTERS));
  return shortText(shown + text.slice(most + BEYOND_CHARACTERS), most);
}

function short(value: unknown, budget: { characters: number; readonly mask: Mask }, depth: number): unknown {
  budget.characters -= 10;
  if (budget.characters < -MOST_CHARACTERS_IN_ALL) return '…';
  if (typeof value === 'string') {
    // A short one is an id or a name, which long texts before it do not push out.
    const most = Math.max(MOST_NAME_CHARACTERS, Math.min(MOST_CHARACTERS, budget.characters));
    budget.characters -= value.length;
    return logText(value, most, budget.mask);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Error)
    return { type: value.name, message: logText(value.message, MOST_CHARACTERS, budget.mask) };
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
