import { CausewayError, type Json, isCausewayError } from '@causeway/dag';
import { maskTexts } from './mask-texts.js';

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
