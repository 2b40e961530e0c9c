import type { Json, JsonObject } from '@causeway/dag';
import { pythonText } from './python-text.js';
import { columnsOf } from './to-table.js';

/**
 * Rows as a markdown table: columns as wide as their widest cell, numbers to the right, one line per row.
 *
 * @param clean leave out rows without any content and cut runs of line ends in a cell
 */
export function toMarkdown(rows: readonly JsonObject[], clean: boolean): string {
  const columns = columnsOf(rows);
  if (columns.length === 0) return '';
  const kept = clean ? rows.filter((row) => Object.values(row).some((cell) => cell !== null)) : rows;
  const body = kept.map((row) => columns.map((column) => cellText(cellOf(row, column), clean)));
  const numeric = columns.map(
    (column) => kept.length > 0 && kept.every((row) => isNumeric(cellOf(row, column))),
  );
  const widths = columns.map((column, index) =>
    Math.max(cellText(column, false).length + 2, ...body.map((cells) => (cells[index] as string).length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => pad(cell, widths[index] as number, numeric[index] === true)).join(' | ')} |`;
  const rule = widths.map((width, index) =>
    numeric[index] === true ? `${'-'.repeat(width + 1)}:` : `:${'-'.repeat(width + 1)}`,
  );
  return [
    line(columns.map((column) => cellText(column, false))),
    `|${rule.join('|')}|`,
    ...body.map(line),
  ].join('\n');
}

function cellText(cell: Json, clean: boolean): string {
  if (cell === null) return '';
  const text = pythonText(cell).replace(/\r\n?/g, '\n');
  const tidy = clean ? text.replace(/^\s*$/, '').replace(/\n+/g, '\n') : text;
  return tidy
    .replace(/^\n+|\n+$/g, '')
    .replaceAll('\n', '<br/>')
    .replaceAll('|', '\\|');
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
