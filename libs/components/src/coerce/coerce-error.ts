import { isHandle, isPlain, isValue } from './value.js';

/** A value that cannot become what a field needs. The message names what was received and what is needed. */
export class CoerceError extends Error {
  override readonly name = 'CoerceError';
}

/** A value that exceeds a limit, which the message names. */
export class TooLargeError extends CoerceError {}

/** The kind of a value, for an error message. Never its content, which may be a prompt or a secret. */
export function describeInput(input: unknown): string {
  if (input === undefined || input === null) return 'nothing';
  if (isHandle(input)) return `a ${input.type}`;
  if (isPlain(input)) return describeInput(input.value);
  if (isValue(input)) return { message: 'a Message', data: 'Data', table: 'a Table', plain: '' }[input.kind];
  if (Array.isArray(input)) return 'a list';
  return typeof input === 'object' ? 'an object' : `a ${typeof input}`;
}
