import { CausewayError, type Json, isCausewayError, isPlainObject } from '@causeway/dag';

/** An error with masked words: its message, and the texts in its details. The same one when it has nothing to mask. */
export function maskError<E>(error: E, mask: (text: string) => string): E | CausewayError {
  // Of anything else that is thrown nobody is told the words, and logs mask them.
  if (!isCausewayError(error)) return error;
  const message = mask(error.message);
  const details = maskTexts(error.details as Json, mask) as Record<string, unknown>;
  if (message === error.message && details === error.details) return error;
  const masked = new CausewayError(error.code, message, { details, cause: error.cause });
  if (error.stack !== undefined) masked.stack = mask(error.stack);
  return masked;
}

function maskTexts(value: Json, mask: (text: string) => string): Json {
  if (typeof value === 'string') return mask(value);
  const members: [string, Json][] | undefined =
    Array.isArray(value) || isPlainObject(value) ? Object.entries(value) : undefined;
  if (members === undefined) return value;
  const masked = members.map(([name, one]): [string, Json] => [name, maskTexts(one, mask)]);
  if (masked.every(([, one], index) => one === members[index]?.[1])) return value;
  return Array.isArray(value) ? masked.map(([, one]) => one) : Object.fromEntries(masked);
}
