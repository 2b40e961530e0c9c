import type { Json, JsonObject } from '@causeway/dag';

/** The JSON object or list that a model's text is, or holds: models like to put a fence or words around it. */
export function parseJsonIn(text: string): JsonObject | Json[] | undefined {
  const fenced = /```(?:json)?\s*([\s\S]*?)```/.exec(text)?.[1];
  const braced = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  for (const candidate of [text, fenced, braced]) {
    const value = candidate === undefined ? undefined : parse(candidate);
    if (value !== undefined) return value;
  }
  return undefined;
}

function parse(text: string): JsonObject | Json[] | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // Not JSON as it stands; another reading may be.
    return undefined;
  }
}
