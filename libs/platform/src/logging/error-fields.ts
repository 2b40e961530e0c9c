import { errorEntry } from '@causeway/contracts';
import { isCausewayError, maskKeys, shortMasked, shortText } from '@causeway/dag';
import { type Mask, redact } from './redact.js';

const MOST_MESSAGE_CHARACTERS = 4_000;
const MOST_STACK_CHARACTERS = 8_000;
const MOST_REFUSAL_CHARACTERS = 500;

/** ECS fields of any thrown value: code, message, stack with every cause. A refusal has only a code and a short message. */
export function errorFields(error: unknown, mask: Mask = maskKeys): Record<string, unknown> {
  if (!(error instanceof Error))
    return { 'error.message': shortMasked(String(error), MOST_MESSAGE_CHARACTERS, mask) };
  if (isRefusal(error))
    return {
      'error.code': error.code,
      'error.message': shortMasked(error.message, MOST_REFUSAL_CHARACTERS, mask),
    };
  const code = isCausewayError(error) ? error.code : (error as { code?: unknown }).code;
  return {
    'error.type': error.name,
    'error.message': shortMasked(error.message, MOST_MESSAGE_CHARACTERS, mask),
    ...(code === undefined ? {} : { 'error.code': shortText(String(code), 100) }),
    ...(isCausewayError(error) && Object.keys(error.details).length > 0
      ? { 'error.details': redact(error.details, mask) }
      : {}),
    'error.stack_trace': shortText(stackOf(error, mask), MOST_STACK_CHARACTERS),
  };
}

/** True for a mistake of the caller or a missing permission: its stack is of no use. */
function isRefusal(error: Error): error is Error & { code: string } {
  return isCausewayError(error) && error.cause === undefined && errorEntry(error.code).status < 500;
}

function stackOf(error: Error, mask: Mask, depth = 0): string {
  const own = shortMasked(error.stack ?? `${error.name}: ${error.message}`, MOST_STACK_CHARACTERS, mask);
  if (error.cause === undefined || depth > 5) return own;
  const cause =
    error.cause instanceof Error
      ? stackOf(error.cause, mask, depth + 1)
      : shortMasked(String(error.cause), MOST_MESSAGE_CHARACTERS, mask);
  return `${own}\nCaused by: ${cause}`;
}
