import type { Json, JsonObject } from '@causeway/dag';

const fence = '```';

/** The JSON object or list in a model's text: models often put a code fence or words around it. */
export function parseJsonIn(text: string): JsonObject | Json[] | undefined {
  const fenced = inFence(text);
  const braced = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  for (const candidate of [text, fenced, braced]) {
    const value = candidate === undefined ? undefined : parse(candidate);
    if (value !== undefined) return value;
  }
  return undefined;
}

// Not by a pattern: for a fence that is never closed it would try every part of the white space behind it.
function inFence(text: string): string | undefined {
  const start = text.indexOf(fence);
  const end = start === -1 ? -1 : text.indexOf(fence, start + fence.length);
  if (end === -1) return undefined;
  const inner = text.slice(start + fence.length, end);
  return inner.startsWith('json') ? inner.slice('json'.length) : inner;
}

function parse(text: string): JsonObject | Json[] | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // This reading is no JSON; another one may be.
    return undefined;
  }
}
