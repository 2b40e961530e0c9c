import { type Json, isPlainObject } from '@causeway/dag';

/** A value whose texts are masked. The same value when there is nothing to mask. */
export function maskTexts(value: Json, mask: (text: string) => string): Json {
  if (typeof value === 'string') return mask(value);
  const members: [string, Json][] | undefined =
    Array.isArray(value) || isPlainObject(value) ? Object.entries(value) : undefined;
  if (members === undefined) return value;
  const masked = members.map(([name, one]): [string, Json] => [name, maskTexts(one, mask)]);
  if (masked.every(([, one], index) => one === members[index]?.[1])) return value;
  return Array.isArray(value) ? masked.map(([, one]) => one) : Object.fromEntries(masked);
}
