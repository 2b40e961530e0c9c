import type { FieldInput } from '../runtime/component.js';
import { CoerceError, describeInput } from './coerce-error.js';
import { dataText, isData, isMessage, isPlain } from './value.js';

/**
 * Makes a number from a number, a numeric text, or a Message or Data that contains one. Undefined for an empty text or
 * nothing.
 *
 * @throws CoerceError for a value that is no finite number
 */
export function toDecimal(input: FieldInput): number | undefined {
  const scalar = scalarOf(input);
  if (scalar === undefined || scalar === null || scalar === '') return undefined;
  const number = typeof scalar === 'string' ? parseDecimal(scalar) : Number(scalar);
  if (Number.isFinite(number)) return number;
  throw new CoerceError(`needs a number, but gets ${describeInput(scalar)}`);
}

/** As `toDecimal`, cut to a whole number towards zero. */
export function toWhole(input: FieldInput): number | undefined {
  const number = toDecimal(input);
  return number === undefined ? undefined : Math.trunc(number);
}

/**
 * Makes a boolean from a boolean, a number, or a text: true, yes, on, 1, t, y and their opposites, in any case.
 *
 * @throws CoerceError for any other text
 */
export function toFlag(input: FieldInput): boolean | undefined {
  const scalar = scalarOf(input);
  if (scalar === undefined || scalar === null || scalar === '') return undefined;
  if (typeof scalar === 'boolean') return scalar;
  if (typeof scalar === 'number') return scalar !== 0;
  if (typeof scalar === 'string') {
    const word = scalar.trim().toLowerCase();
    if (['true', 'yes', 'on', '1', 't', 'y'].includes(word)) return true;
    if (['false', 'no', 'off', '0', 'f', 'n', 'none'].includes(word)) return false;
  }
  throw new CoerceError(`needs true or false, but gets ${describeInput(scalar)}`);
}

/** A number as Python's `float()` reads it from text; NaN when it is none. */
export function parseDecimal(text: string): number {
  const trimmed = text.trim();
  return /^[+-]?(\d+(_\d+)*(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)
    ? Number(trimmed.replaceAll('_', ''))
    : Number.NaN;
}

function scalarOf(input: FieldInput): FieldInput {
  if (isMessage(input)) return input.text.trim();
  if (isData(input)) return dataText(input)?.trim();
  if (isPlain(input)) return input.value as FieldInput;
  return typeof input === 'string' ? input.trim() : input;
}
