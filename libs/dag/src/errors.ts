import { shortUnmasked } from './secret/short-masked.js';
import { shortDetails } from './short-details.js';

/** An error's text is stored in rows and appears in logs and answers. */
const MOST_MESSAGE_CHARACTERS = 8_000;

/**
 * The only error that leaves Causeway.
 *
 * `code` is a key of the table in `@causeway/contracts`, which fixes HTTP status, log level and retry class; make one
 * with that package's `causewayError()`. `message` may reach a user and names the thing and the remedy; secrets and
 * prompts never enter it. `details` are plain JSON. `cause` is for the log only. Texts and details that are too long
 * are cut with a mark; no part of a key remains at the cut.
 */
export class CausewayError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(
      shortUnmasked(message, MOST_MESSAGE_CHARACTERS),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'CausewayError';
    this.code = code;
    this.details = shortDetails(options.details ?? {});
  }
}

/** True for a CausewayError, false for anything else that was thrown. */
export function isCausewayError(error: unknown): error is CausewayError {
  return error instanceof CausewayError;
}

/** Closes a `switch` over a closed set: does not compile while a case is missing. */
export function assertNever(value: never): never {
  throw new CausewayError('INTERNAL', `Unexpected value ${JSON.stringify(value)}.`);
}
