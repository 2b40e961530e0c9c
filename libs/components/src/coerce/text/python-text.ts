import type { Json } from '@causeway/dag';

/**
 * A JSON value as Python's `str()` writes it, which flows from Langflow expect where a template prints a value that is
 * no text: `True`, `None`, `{'a': 1}`. A text is returned as it is.
 */
export function pythonText(json: Json): string {
  return typeof json === 'string' ? json : repr(json);
}

function repr(json: Json): string {
  if (json === null) return 'None';
  if (typeof json === 'boolean') return json ? 'True' : 'False';
  if (typeof json === 'number') return String(json);
  if (typeof json === 'string') return quoted(json);
  if (Array.isArray(json)) return `[${json.map(repr).join(', ')}]`;
  return `{${Object.entries(json)
    .map(([key, member]) => `${quoted(key)}: ${repr(member)}`)
    .join(', ')}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}
