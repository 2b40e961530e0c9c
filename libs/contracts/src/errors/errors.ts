import { CausewayError, shortUnmasked } from '@causeway/dag';
import { accessErrors } from './access-errors.js';
import { flowErrors } from './flow-errors.js';
import { keyErrors } from './key-errors.js';
import { runErrors } from './run-errors.js';
import { serviceErrors } from './service-errors.js';
import { signInErrors } from './sign-in-errors.js';
import type { ErrorEntry } from './error-entry.js';

/** Every code that may leave a process. A new code is one entry in the file of its subject. */
export const errors = {
  ...serviceErrors,
  ...keyErrors,
  ...accessErrors,
  ...signInErrors,
  ...flowErrors,
  ...runErrors,
} as const;

export type ErrorCode = keyof typeof errors;

type Placeholder<M extends string> = M extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/** The details that a code's message needs; more may be given. */
export type ErrorDetails<C extends ErrorCode> = Record<
  Placeholder<(typeof errors)[C]['message']>,
  string | number
> &
  Record<string, unknown>;

/** Characters of one detail in a message; the whole message has the limit of a CausewayError. */
const MOST_DETAIL_CHARACTERS = 6_000;

/** Builds an error with a registered code. Details become part of the answer: no secrets, no prompts. */
export function causewayError<C extends ErrorCode>(
  code: C,
  details: ErrorDetails<C>,
  options: { cause?: unknown } = {},
): CausewayError {
  const message = errors[code].message.replace(/\{(\w+)\}/g, (_all, name: string) =>
    shortUnmasked(String(details[name]), MOST_DETAIL_CHARACTERS),
  );
  return new CausewayError(code, message, { details, cause: options.cause });
}

/** The entry of a code; that of INTERNAL for a code that is not registered. */
export function errorEntry(code: string): ErrorEntry {
  return Object.hasOwn(errors, code) ? errors[code as ErrorCode] : errors.INTERNAL;
}

/** An error in the form in which it is sent between services. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, unknown>;
}

/** What may be shown of a thrown value: a CausewayError as it is, everything else as INTERNAL. */
export function toWireError(error: unknown, requestId = ''): WireError {
  const known = error instanceof CausewayError ? error : causewayError('INTERNAL', { requestId });
  return { code: known.code, message: known.message, details: { ...known.details } };
}

/** The error that was sent in its wire form. */
export function fromWireError(wire: WireError): CausewayError {
  return new CausewayError(wire.code, wire.message, { details: wire.details });
}

/**
 * Whether an error says that a service could not be reached or did not answer in time, so that a later request may
 * succeed.
 */
export function isUnreachable(error: unknown): boolean {
  return error instanceof CausewayError && (error.code === 'UNAVAILABLE' || error.code === 'TIMED_OUT');
}
