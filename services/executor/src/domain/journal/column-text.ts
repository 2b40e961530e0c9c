import { createHash } from 'node:crypto';

const MAX_LENGTH = 500;

/**
 * A text in the form that a searched column can hold: Postgres accepts neither NUL nor lone surrogates, and an index entry has a limit.
 * Equal texts give equal columns; the unchanged text is in the row's JSON.
 */
export function columnText(text: string): string {
  const fit = text.includes('\0') || !text.isWellFormed() ? text.replaceAll('\0', '␀').toWellFormed() : text;
  if (fit.length <= MAX_LENGTH) return fit;
  const rest = createHash('sha256').update(JSON.stringify(text)).digest('hex');
  return `${fit.slice(0, MAX_LENGTH - rest.length - 1).toWellFormed()}:${rest}`;
}
