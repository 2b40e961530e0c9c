import { TooLargeError } from './coerce-error.js';

/** Cells of a table that is read from text or written as text: rows by columns, since every row has every column. */
export const maxCells = 1_000_000;
/** Characters of a text that is made from other values. */
export const maxTextLength = 20_000_000;

/** Addresses that a URL node may begin with. */
export const maxStarts = 50;
/** Addresses that an API Request node may call. */
export const maxRequests = 20;
/** Characters of a pattern. */
export const maxPatternLength = 1000;
/** Characters of a template; the values that fill its places are not counted. */
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
 * Makes a text for each item, as long as all texts together are not too long.
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
