import type { ErrorEntry } from './error-entry.js';

/** Errors of API keys, webhooks and rate limits: who may ask at all. */
export const keyErrors = {
  KEY_MISSING: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: 'An API key must be passed as query or header: x-api-key',
  },
  KEY_INVALID: { status: 403, level: 'info', retry: 'never', message: 'Invalid or missing API key' },
  KEY_ORIGIN_REFUSED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'The API key is for pages of {origins} and is not accepted from {origin}. Use a key without origins in programs, or make one that lists this origin.',
  },
  ACCOUNT_OF_PAGES: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'Service account {name} has a key for public pages, which everybody can read, so it gets no further role: a role would widen what that key runs. Use another service account, or revoke the key first.',
  },
  KEY_FOR_PAGES_REFUSED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'A key for public pages only runs its flow, with POST /api/v1/run, as the flow is: {problem} Use a key without origins, in a program.',
  },
  KEY_FOR_PAGES_TOO_WIDE: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'A key for public pages belongs to a service account with a role in one flow only, and allows flow:run and nothing else: everybody can read it in the page. {problem}',
  },
  KEY_UNUSABLE: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: 'This API key cannot be used now: {reason}.',
  },
  KEY_TRIES_SPENT: {
    status: 429,
    level: 'info',
    retry: 'later',
    message:
      'Too many wrong keys, sessions, passwords, links or addresses of webhooks came from {address}; try again in {retryAfterS} s.',
  },
  WEBHOOK_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no webhook with this address.',
  },
  WEBHOOK_UNSIGNED: {
    status: 401,
    level: 'info',
    retry: 'never',
    message: 'This webhook takes only signed requests: {problem}.',
  },
  RATE_LIMITED: {
    status: 429,
    level: 'info',
    retry: 'later',
    message:
      '{who} sent more than {limit} {requests} in {windowS} s, the limit {limitName}. Try again in {retryAfterS} s.',
  },
  KEY_SCOPE_TOO_WIDE: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'A new key can have at most the permissions of the key that makes it; {permission} is not among them.',
  },
  KEY_OUTLIVES_MAKER: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'A key cannot expire later than the key that makes it, which expires at {expiresAt}; set that time or an earlier one.',
  },
  KEY_OF_MORE: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'A key can revoke itself, the keys made with it, and keys without further permissions; key {keyId} also has the permission {permission}. Revoke it with a key that has that permission.',
  },
  KEY_NOT_ROTATABLE: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'Key {keyId} cannot have a successor: {problem}.',
  },
  KEY_LAST: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'Key {keyId} cannot be revoked: it, or a key made with it, is the last key of an owner that has every permission, or the last of them that never expires. First make another such key with a key that is not revoked with this one, or start auth with another CAUSEWAY_BOOTSTRAP_API_KEY.',
  },
  KEY_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'There is no API key {keyId}.' },
  KEY_OF_OWNER_LAST: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'Without this role binding, the organisation would have no owner’s key with every permission, or none that never expires. First let another owner have such a key.',
  },
  ORIGIN_REFUSED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: 'Pages from {origin} may not call this server; add the origin to CAUSEWAY_CORS_ORIGINS.',
  },
} as const satisfies Record<string, ErrorEntry>;
