import { isCausewayError } from '@causeway/dag';
import { redact } from './redact.js';

/** ECS fields of any thrown thing: code, message, stack with every cause. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { 'error.message': String(error) };
  const code = isCausewayError(error) ? error.code : (error as { code?: unknown }).code;
  return {
    'error.type': error.name,
    'error.message': error.message,
    ...(code === undefined ? {} : { 'error.code': String(code) }),
    ...(isCausewayError(error) && Object.keys(error.details).length > 0
      ? { 'error.details': redact(error.details) }
      : {}),
    'error.stack_trace': stackOf(error),
  };
}

function stackOf(error: Error, depth = 0): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  if (error.cause === undefined || depth > 5) return own;
  const cause = error.cause instanceof Error ? stackOf(error.cause, depth + 1) : String(error.cause);
  return `${own}\nCaused by: ${cause}`;
}
