import type { FieldInput } from '../runtime/component.js';
import { CoerceError, describeInput } from './coerce-error.js';
import { asObject, dataText, isData, isHandle, isMessage, isPlain, isTable } from './value.js';

/**
 * The text that a text field receives: a Message's text, a Data's text member, text itself, a number or a boolean as
 * written in JSON.
 *
 * @throws CoerceError for a Data without its text member, a table, a list, a live object
 */
export function toText(input: FieldInput): string {
  if (input === undefined || input === null) return '';
  if (typeof input === 'string') return input;
  if (typeof input === 'number' || typeof input === 'boolean') return String(input);
  if (isMessage(input)) return input.text;
  if (isPlain(input)) return toText(input.value as FieldInput);
  if (isData(input)) {
    const text = dataText(input);
    if (text !== undefined) return text;
    const keys = Object.keys(input.data).join(', ') || 'none';
    throw new CoerceError(
      `needs text, but the Data it gets has no member ${input.textKey ?? 'text'} (members: ${keys}); put a Parser in between`,
    );
  }
  if (!isTable(input) && !isHandle(input)) {
    const text = asObject(input)?.['text'];
    if (typeof text === 'string') return text;
    if (Array.isArray(input) && input.length === 1) return toText(input[0] as FieldInput);
  }
  throw new CoerceError(
    `needs text, but gets ${describeInput(input)}; put a Parser or Type Convert in between`,
  );
}

/** The texts of a list field; one input is a list of one, empty texts are left out. */
export function toTexts(input: FieldInput): readonly string[] {
  const items = isPlain(input) && Array.isArray(input.value) ? input.value : input;
  const list = Array.isArray(items) ? (items as readonly FieldInput[]) : [items as FieldInput];
  return list.map(toText).filter((text) => text !== '');
}
