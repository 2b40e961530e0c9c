import type { ErrorEntry } from './error-entry.js';

/** Errors of signing in: identity providers, SCIM, passwords, sessions, OAuth. */
export const signInErrors = {
  CONNECTION_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no connection {connection}.',
  },
  CONNECTION_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The name {connection} is taken; choose another one.',
  },
  CONNECTION_OF_OTHER_KIND: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'Connection {connection} is of kind {kind}, and this is about {wanted}. A kind is not changed; add another connection for it.',
  },
  SAML_OFF: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'Signing in by SAML is off. Whoever runs the platform turns it on with CAUSEWAY_SAML=on, for auth.',
  },
  SAML_INCOMPLETE: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Connection {connection} lacks {missing}. Give the metadata of the identity provider, or its issuer, signInUrl and certificates.',
  },
  METADATA_UNREADABLE: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'This is no metadata of one SAML identity provider that can be used: {problem}.',
  },
  CERTIFICATE_UNUSABLE: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Certificate {number} cannot be used: {problem}. Give X.509 certificates with an RSA key of at least 2048 bits, as PEM or base64.',
  },
  CONNECTION_IN_USE: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'Connection {connection} has {what}.',
  },
  SCIM_TOKEN_NEEDED: {
    status: 401,
    level: 'info',
    retry: 'never',
    message:
      'This path needs the SCIM token of a connection in the header Authorization (Bearer), and takes nothing else. Make one with: npx causeway sso scim token CONNECTION.',
  },
  SCIM_TOKEN_INVALID: {
    status: 401,
    level: 'info',
    retry: 'never',
    message:
      'This SCIM token is not valid: it is unknown or was revoked, or its connection is disabled. npx causeway sso scim status CONNECTION shows the tokens that are valid.',
  },
  SCIM_TOKEN_ELSEWHERE: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: 'A SCIM token is only for the paths below /scim/v2. Use an API key here, or sign in.',
  },
  SCIM_TOKEN_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'Connection {connection} has no SCIM token {tokenId}.',
  },
  SCIM_INVALID: { status: 400, level: 'info', retry: 'never', message: '{problem}' },
  SCIM_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'There is another {what} with the {attribute} {value} in this connection already.',
  },
  SCIM_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no {what} {id} in this connection.',
  },
  SCIM_UNSUPPORTED: {
    status: 501,
    level: 'info',
    retry: 'never',
    message: '{what} is not supported, as /ServiceProviderConfig says; {remedy}.',
  },
  DOMAIN_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'People of {domain} sign in by connection {connection} already.',
  },
  PASSWORD_WRONG: {
    status: 401,
    level: 'info',
    retry: 'never',
    message: 'The user name, the password or the code is wrong.',
  },
  PASSWORD_LOCKED: {
    status: 429,
    level: 'info',
    retry: 'later',
    message: 'This user name has had too many wrong tries. Try again in {retryAfterS} s.',
  },
  PASSWORD_CODE_NEEDED: {
    status: 401,
    level: 'info',
    retry: 'never',
    message: 'Give the code that your authenticator shows now.',
  },
  SIGN_IN_BUSY: {
    status: 503,
    level: 'warn',
    retry: 'later',
    message: 'Too many people sign in with a password at this moment. Try again in {retryAfterS} s.',
  },
  PASSWORD_WEAK: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'This password can be guessed: {problem}.',
  },
  LOGIN_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The user name {login} is taken; choose another one.',
  },
  SSO_ENFORCED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: 'People of this organisation sign in only at its identity provider.',
  },
  SSO_WITHOUT_CONNECTION: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'SSO can be enforced when there is a connection that is enabled; add one with: npx causeway sso add',
  },
  INVITATION_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no such invitation: it was used, taken back, or has expired.',
  },
  PROVIDER_UNUSABLE: {
    status: 502,
    level: 'warn',
    retry: 'later',
    message:
      'The identity provider {issuer} cannot be used: {problem}. Check its address, and whether this server may reach it.',
  },
  SIGN_IN_EXPIRED: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'This sign-in was not begun in this browser, or longer than {minutes} minutes ago. Begin it again.',
  },
  SIGN_IN_NOT_BEGUN: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'This sign-in was not begun in this browser, or longer than {minutes} minutes ago. A sign-in cannot begin at the identity provider; begin it here, at {page}.',
  },
  SIGN_IN_REFUSED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: 'The identity provider did not confirm who you are: {problem}.',
  },
  SIGN_IN_NEEDS_HTTPS: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Signing in needs https://, except on the machine itself (127.0.0.1, [::1], localhost); this address is {address}.',
  },
  SESSION_ENDED: {
    status: 401,
    level: 'info',
    retry: 'never',
    message: 'You are not signed in, or your session has ended. Sign in at {page}.',
  },
  TOKEN_INVALID: {
    status: 401,
    level: 'info',
    retry: 'never',
    message: 'This access token is not valid: it is unknown, has expired, or was revoked. Get another one.',
  },
  TOKEN_NOT_ENOUGH: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'A program with an access token cannot {act}, whatever it may do otherwise. Use an API key, or sign in.',
  },
  OAUTH_REQUEST_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'The program that sent you here asked wrongly ({problem}). Tell whoever made it; nothing was allowed.',
  },
  OAUTH_REFUSED: {
    status: 401,
    level: 'info',
    retry: 'never',
    message: 'The authorization server refused this request: {problem}.',
  },
  OAUTH_NEEDS_BROWSER: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Only a person who is signed in with a browser can let a program act for them.',
  },
  CLIENT_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no OAuth client {clientId} here.',
  },
  USER_CODE_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message:
      'No program waits for an answer with the code {userCode}: it is mistyped, has expired, or was answered already. Start the program again to get another one.',
  },
  USER_CODE_TRIES: {
    status: 429,
    level: 'info',
    retry: 'later',
    message: 'Too many wrong codes were typed. Try again in {retryAfterS} s.',
  },
  GRANT_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no program {grantId} that may act for you.',
  },
  BROWSER_SESSION_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no session {sessionId} of yours.',
  },
  LOGOUT_TOKEN_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'The logout token is not valid: {problem}.',
  },
  REQUEST_FORGED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: 'A change with the session of a browser must come from a page of this site: {problem}.',
  },
} as const satisfies Record<string, ErrorEntry>;
