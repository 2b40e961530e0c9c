import { shortUnmasked } from './secret/short-masked.js';

const MOST_CHARACTERS = 6_000;
const MOST_NAME_CHARACTERS = 200;
const MOST_CHARACTERS_IN_ALL = 20_000;
const MOST_MEMBERS = 50;
const DEEPEST = 6;

/** An error's details, shortened: long texts, lists and objects are cut, with a mark that says so. */
export function shortDetails(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const budget = { characters: MOST_CHARACTERS_IN_ALL };
  return short(details, budget, 0) as Record<string, unknown>;
}

function short(value: unknown, budget: { characters: number }, depth: number): unknown {
  budget.characters -= 10;
  if (budget.characters < -MOST_CHARACTERS_IN_ALL) return '…';
  if (typeof value === 'string') {
    // A short text is an id or a name; it is kept even after long ones.
    const most = Math.max(MOST_NAME_CHARACTERS, Math.min(MOST_CHARACTERS, budget.characters));
    const text = shortUnmasked(value, most);
    budget.characters -= text.length;
    return text;
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value)) {
    const isLong = value.length > MOST_MEMBERS;
    const first = value.slice(0, isLong ? MOST_MEMBERS - 1 : MOST_MEMBERS);
    const members = first.map((member) => short(member, budget, depth + 1));
    return isLong ? [...members, `… (${value.length - first.length} more)`] : members;
  }
  const copy: Record<string, unknown> = {};
  let members = 0;
  for (const [name, member] of Object.entries(value)) {
    if (++members > MOST_MEMBERS) break;
    copy[shortUnmasked(name, MOST_CHARACTERS)] = short(member, budget, depth + 1);
  }
  return copy;
}
