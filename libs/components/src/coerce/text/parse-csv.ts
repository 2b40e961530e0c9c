import { parse } from 'csv-parse/sync';
import type { Json, JsonObject } from '@causeway/dag';
import { CoerceError } from '../coerce-error.js';
import { checkCells } from '../limits.js';
import { parseDecimal } from '../to-scalar.js';

/**
 * Reads CSV as rows whose names are in its first line. A column whose filled cells are all numbers has numbers, one
 * whose filled cells are all true or false has booleans; an empty cell is null.
 *
 * @param separator a tab for TSV
 * @throws CoerceError naming the line that cannot be read; for more than `maxCells` cells, rows by columns
 */
export function parseCsv(text: string, separator = ','): readonly JsonObject[] {
  // Counted before the text is parsed, so separators inside quotes count too.
  checkCells(countOf(text, separator) + countOf(text, '\n'));
  const lines = readLines(text, separator);
  const names = lines[0] ?? [];
  const body = lines.slice(1);
  checkCells(names.length * body.length);
  const readers = names.map((_name, column) => readerOf(body.map((cells) => cells[column] ?? '')));
  return body.map((cells) =>
    Object.fromEntries(
      names.map((name, column) => [name, (readers[column] as CellReader)(cells[column] ?? '')]),
    ),
  );
}

function countOf(text: string, mark: string): number {
  let count = 0;
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) count += 1;
  return count;
}

function readLines(text: string, separator: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      delimiter: separator,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch (error) {
    throw new CoerceError(`cannot be read as CSV: ${(error as Error).message}`);
  }
}

type CellReader = (cell: string) => Json;

function readerOf(cells: readonly string[]): CellReader {
  const filled = cells.filter((cell) => cell.trim() !== '');
  if (filled.length === 0) return () => null;
  if (filled.every((cell) => Number.isFinite(parseDecimal(cell)))) {
    return (cell) => (cell.trim() === '' ? null : parseDecimal(cell));
  }
  if (filled.every((cell) => /^(true|false)$/i.test(cell.trim()))) {
    return (cell) => (cell.trim() === '' ? null : /^true$/i.test(cell.trim()));
  }
  return (cell) => (cell === '' ? null : cell);
}
