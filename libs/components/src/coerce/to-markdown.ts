import type { Json, JsonObject } from '@causeway/dag';
import { checkCells, checkTextLength } from './limits.js';
import { pythonText } from './text/python-text.js';
import { columnsOf } from './to-table.js';

/** Widest column. A wider one would add spaces to every row because of a few long cells. */
const maxWidth = 200;

/**
 * Writes rows as a markdown table: columns as wide as their widest cell, up to a limit, numbers to the right, one line
 * per row.
 *
 * @param clean leave out rows without any content and shorten runs of line ends in a cell
 * @throws CoerceError for more than `maxCells` cells, rows by columns, or a text over `maxTextLength`
 */
export function toMarkdown(rows: readonly JsonObject[], clean: boolean): string {
  const columns = columnsOf(rows);
  if (columns.length === 0) return '';
  const kept = clean ? rows.filter((row) => Object.values(row).some((cell) => cell !== null)) : rows;
  checkCells(columns.length * kept.length);
  const head = columns.map((column) => cellText(column, false));
  const widths = head.map((cell) => Math.min(maxWidth, cell.length + 2));
  const numeric = columns.map(() => kept.length > 0);
  let length = 0;
  const body = kept.map((row) =>
    columns.map((column, index) => {
      const cell = cellOf(row, column);
      const text = cellText(cell, clean);
      length += text.length;
      checkTextLength(length);
      numeric[index] &&= isNumeric(cell);
      widths[index] = Math.max(widths[index] as number, Math.min(maxWidth, text.length));
      return text;
    }),
  );
  checkTextLength(length + (body.length + 2) * widths.reduce((sum, width) => sum + width, 0));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => pad(cell, widths[index] as number, numeric[index] === true)).join(' | ')} |`;
  const rule = widths.map((width, index) =>
    numeric[index] === true ? `${'-'.repeat(width + 1)}:` : `:${'-'.repeat(width + 1)}`,
  );
  return [line(head), `|${rule.join('|')}|`, ...body.map(line)].join('\n');
}

function cellText(cell: Json, clean: boolean): string {
  if (cell === null) return '';
  const text = pythonText(cell).replace(/\r\n?/g, '\n');
  const tidy = clean ? text.replace(/^\s*$/, '').replace(/\n+/g, '\n') : text;
  return withoutOuterLines(tidy).replaceAll('\n', '<br/>').replaceAll('|', '\\|');
}

// Not by a pattern: `\n+$` would search every run of line ends again from each of its line ends.
function withoutOuterLines(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === '\n') start += 1;
  while (end > start && text[end - 1] === '\n') end -= 1;
  return text.slice(start, end);
}

function cellOf(row: JsonObject, column: string): Json {
  return Object.hasOwn(row, column) ? (row[column] as Json) : null;
}

function isNumeric(cell: Json): boolean {
  return cell === null || typeof cell === 'number';
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}
