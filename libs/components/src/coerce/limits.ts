import { TooLargeError } from './coerce-error.js';

/** Of a table that is read or written as text: rows by columns, since every row has every column. */
export const maxCells = 1_000_000;
/** Of a text that is made of other values, in characters. */
export const maxTextLength = 20_000_000;

/** Of a pattern, in characters. */
export const maxPatternLength = 1000;
/** Of a template, in characters; what its places are filled with is not counted. */
export const maxTemplateLength = 500_000;

/** @throws TooLargeError naming the limit */
export function checkTemplateLength(length: number): void {
  if (length > maxTemplateLength)
    throw new TooLargeError(`has more characters than the limit of ${grouped(maxTemplateLength)}`);
}

/** @throws TooLargeError naming the limit */
export function checkCells(cells: number): void {
  if (cells > maxCells) throw new TooLargeError(`has too many cells; the limit is ${grouped(maxCells)}`);
}

/** @throws TooLargeError naming the limit */
export function checkTextLength(length: number): void {
  if (length > maxTextLength)
    throw new TooLargeError(
      `makes a text that is too long; the limit is ${grouped(maxTextLength)} characters`,
    );
}

/**
 * A text for each item, as long as they are not too long together.
 *
 * @throws TooLargeError naming the limit
 */
export function textsOf<T>(items: readonly T[], write: (item: T) => string): readonly string[] {
  let length = 0;
  return items.map((item) => {
    const text = write(item);
    length += text.length;
    checkTextLength(length);
    return text;
  });
}

function grouped(number: number): string {
  return number.toLocaleString('en');
}
