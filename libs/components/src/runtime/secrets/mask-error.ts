import { CausewayError, type Json, isCausewayError } from '@causeway/dag';
import { maskTexts } from './mask-texts.js';

/** An error whose message and details are masked. The same error when there is nothing to mask. */
export function maskError<E>(error: E, mask: (text: string) => string): E | CausewayError {
  // The message of any other error is not shown to callers, and logs mask it.
  if (!isCausewayError(error)) return error;
  const message = mask(error.message);
  const details = maskTexts(error.details as Json, mask) as Record<string, unknown>;
  if (message === error.message && details === error.details) return error;
  const masked = new CausewayError(error.code, message, { details, cause: error.cause });
  if (error.stack !== undefined) masked.stack = mask(error.stack);
  return masked;
}
