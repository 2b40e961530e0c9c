import type { ErrorEntry } from './error-entry.js';

/** Errors that any service may give: of requests as such, of limits, and of services that do not answer. */
export const serviceErrors = {
  INTERNAL: {
    status: 500,
    level: 'error',
    retry: 'later',
    message: 'An internal error occurred; the server’s log describes it under the request id {requestId}.',
  },
  AUDIT_STREAM_REFUSED: {
    status: 422,
    level: 'info',
    retry: 'never',
    message:
      'The audit log cannot be sent to {address}: {problem}. The receiver must be reachable by https at a public address, or be named in CAUSEWAY_AUDIT_STREAM_ALLOW, and answer with a status from 200 to 299.',
  },
  REQUEST_INVALID: { status: 400, level: 'info', retry: 'never', message: '{problems}' },
  REQUEST_NOT_JSON: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'The request body is not JSON: {problem}.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    level: 'info',
    retry: 'never',
    message: 'The request body has more than {limitBytes} bytes, the limit {limitName}.',
  },
  BODY_TIMED_OUT: {
    status: 408,
    level: 'info',
    retry: 'later',
    message: 'The request body did not arrive in time; the limit {limitName} is {limitMs} ms.',
  },
  UPLOAD_TOO_SLOW: {
    status: 408,
    level: 'info',
    retry: 'later',
    message:
      'Less than {limitBytesPerS} bytes per second of the upload arrived during {seconds} s; that least speed is {limitName}.',
  },
  KEY_UPLOADS_FULL: {
    status: 429,
    level: 'info',
    retry: 'later',
    message:
      'This key already sends {limit} uploads at the same time, the limit {limitName}. Try again in {retryAfterS} s.',
  },
  KEY_BODIES_FULL: {
    status: 429,
    level: 'info',
    retry: 'later',
    message:
      'The bodies of this key’s current requests have more than {limitBytes} bytes, its share of {limitName}. Try again in {retryAfterS} s.',
  },
  BODIES_FULL: {
    status: 503,
    level: 'warn',
    retry: 'later',
    message:
      'The bodies of all current requests have more than {limitBytes} bytes, the limit {limitName}. Try again in {retryAfterS} s.',
  },
  KEY_ANSWERS_FULL: {
    status: 429,
    level: 'info',
    retry: 'later',
    message:
      'The answers to this key’s current requests have more than {limitBytes} bytes, its share of {limitName}. Try again in {retryAfterS} s.',
  },
  ANSWERS_FULL: {
    status: 503,
    level: 'warn',
    retry: 'later',
    message:
      'The answers to all current requests have more than {limitBytes} bytes, the limit {limitName}. Try again in {retryAfterS} s.',
  },
  TEAM_GRAPHS_FULL: {
    status: 429,
    level: 'info',
    retry: 'later',
    message:
      'The large flows of this team that are worked on have more than {limitBytes} bytes, its share of {limitName}. Try again in {retryAfterS} s.',
  },
  GRAPHS_FULL: {
    status: 503,
    level: 'warn',
    retry: 'later',
    message:
      'The large flows that are worked on have more than {limitBytes} bytes, the limit {limitName}. Try again in {retryAfterS} s.',
  },
  BODY_INFLATED: {
    status: 413,
    level: 'info',
    retry: 'never',
    message:
      'The request body is more than {factor} times larger once it is decompressed; send it without compression.',
  },
  ENCODING_UNSUPPORTED: {
    status: 415,
    level: 'info',
    retry: 'never',
    message:
      'The content encoding {encoding} is not supported; send the body as gzip, deflate or br, or without compression.',
  },
  ENCODING_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'The request body cannot be decompressed as {encoding}: {problem}.',
  },
  CHARSET_UNSUPPORTED: {
    status: 415,
    level: 'info',
    retry: 'never',
    message: 'The charset {charset} is not supported; send the text as UTF-8.',
  },
  TEXT_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: '{what} is not valid {charset}; send UTF-8, or name the charset in the content type.',
  },
  BODY_EMPTY: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'The request body is empty; send {expected}.',
  },
  ROUTE_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no route {method} {path}; GET /openapi.json lists every route.',
  },
  UNAVAILABLE: {
    status: 503,
    level: 'warn',
    retry: 'later',
    message: '{service} does not answer now; try again in {retryAfterS} s.',
  },
  DISK_FULL: {
    status: 503,
    level: 'warn',
    retry: 'later',
    message:
      'The disk of {path} is {usedPercent} % full; from {limitPercent} % on ({limitName}) nothing new is accepted. Free space there, or raise the limit.',
  },
  OVERLOADED: {
    status: 503,
    level: 'warn',
    retry: 'later',
    message:
      'The platform has {waiting} runs waiting; its limit {limitName} is {limit} for runs of {trigger}. Try again in {retryAfterS} s.',
  },
  TIMED_OUT: {
    status: 504,
    level: 'warn',
    retry: 'later',
    message: '{service} did not answer within {timeoutMs} ms; try again in {retryAfterS} s.',
  },
  PAYLOAD_MISSING: {
    status: 500,
    level: 'error',
    retry: 'never',
    message: 'Stored payload {sha256} is missing or damaged.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    level: 'info',
    retry: 'never',
    message: '{what} has more than {limitBytes} bytes, the limit {limitName}.',
  },
  DRAINING: { status: 503, level: 'info', retry: 'later', message: 'This process is stopping; try again.' },
  SEALED_UNREADABLE: {
    status: 500,
    level: 'error',
    retry: 'never',
    message:
      'A sealed value cannot be opened: {problem}. It opens only in the place for which it was sealed, and auth needs the master keys that were in use (CAUSEWAY_MASTER_KEY).',
  },
  SENDER_REFUSED: {
    status: 503,
    level: 'error',
    retry: 'later',
    message:
      'The message {subject} was refused: {problem}. Check CAUSEWAY_SIGNING_KEY and CAUSEWAY_TRUSTED_KEYS, and the clocks of both machines.',
  },
  LOGS_OFF: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'Log access is off; an administrator can turn it on for callers on the same machine with CAUSEWAY_LOG_ACCESS=loopback.',
  },
} as const satisfies Record<string, ErrorEntry>;
