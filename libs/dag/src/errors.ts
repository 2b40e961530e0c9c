/**
 * The one error that crosses Causeway's own boundaries.
 *
 * `code` is a key of the table in `@causeway/contracts`, which fixes HTTP status, log level and retry class; build one
 * with that package's `causewayError()`. `message` may reach a user and names the thing and the remedy;
 * secrets and prompts never enter it. `details` are plain JSON. `cause` is for the log only.
 */
export class CausewayError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CausewayError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Tells a CausewayError from anything else that was thrown. */
export function isCausewayError(error: unknown): error is CausewayError {
  return error instanceof CausewayError;
}

/** Closes a `switch` over a closed set: does not compile while a case is missing. */
export function assertNever(value: never): never {
  throw new CausewayError('INTERNAL', `Unexpected value ${JSON.stringify(value)}.`);
}
