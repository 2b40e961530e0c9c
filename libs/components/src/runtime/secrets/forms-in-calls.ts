import { isPlainObject } from '@causeway/dag';
import type { Json } from '@causeway/dag';

/** A shorter text within a credential is no secret by itself. */
const MIN_PART = 8;
/** Addresses, and words such as `service_account`, describe a credential and are no secret. */
const NO_SECRET = /^(?:https?:\/\/\S*|[a-z_]+)$/;

/**
 * The values in which a call may contain a credential: itself; without the spaces around it, since headers are trimmed;
 * and if it is JSON, such as the document of a service account, each of its texts and numbers, since a client may write
 * the JSON in another way.
 */
export function formsInCalls(value: string): readonly string[] {
  const trimmed = value.trim();
  return [...new Set([value, trimmed, ...partsOf(trimmed)])].filter((form) => form !== '');
}

function partsOf(text: string): string[] {
  if (!/^[[{"\d-]/.test(text)) return [];
  try {
    return leaves(JSON.parse(text) as Json);
  } catch {
    return [];
  }
}

function leaves(value: Json): string[] {
  const found: string[] = [];
  const open: Json[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') found.push(next.trim());
    else if (typeof next === 'number') found.push(String(next));
    else if (Array.isArray(next)) for (const one of next) open.push(one);
    else if (isPlainObject(next))
      for (const one of Object.values(next as Record<string, Json>)) open.push(one);
  }
  return found.filter((leaf) => leaf.length >= MIN_PART && !NO_SECRET.test(leaf));
}
