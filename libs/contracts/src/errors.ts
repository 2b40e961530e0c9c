import { CausewayError, shortUnmasked } from '@causeway/dag';

/** `never`: the same request fails again. `later`: it may succeed unchanged. */
export type RetryClass = 'never' | 'later';

/** What an error code fixes. `{name}` in a message is filled from the error's details. */
export interface ErrorEntry {
  readonly status: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly retry: RetryClass;
  readonly message: string;
}

/** Every code that may leave a process. A new code is one entry here. */
export const errors = {
  // any service
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
  // identity and permission
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
  PERMISSION_DENIED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'This needs the permission {permission}, which the key, or a role of its holder, does not allow here. npx causeway access, or GET /api/platform/v1/access, shows what is allowed, and why.',
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
  OPERATION_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no operation {operation}; /docs lists all of them.',
  },
  TEAM_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'There is no team {teamId}.' },
  TEAM_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'A team named {name} exists already; choose another name.',
  },
  ACCOUNT_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no service account {accountId}.',
  },
  ACCOUNT_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The team already has a service account named {name}; choose another name.',
  },
  TEAM_NOT_EMPTY: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'The team {name} holds {holds}; to delete it with all of that, confirm it with the name of the team.',
  },
  TEAM_LAST: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The team {name} is the last one or the one that every installation has; it cannot be deleted.',
  },
  USER_NOT_DISABLED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: '{name} is not disabled; disable a person before you delete them.',
  },
  SHARE_REFUSED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'The flow is not shared: {problem}. Share single flows with other teams; in a team, give roles to its people, groups and service accounts.',
  },
  ACCOUNT_ELSEWHERE: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'The service account {name} belongs to team {team} and has roles only there; make another one in the other team.',
  },
  USER_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no person {userId}.',
  },
  USER_DISABLED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: '{name} is disabled here; an administrator can enable them.',
  },
  PERSON_BARRED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'This person was deleted here at {deletedAt} and does not come back by connection {connection}. An administrator can readmit them: npx causeway users readmit {userId}.',
  },
  BARRED_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'No deleted person {userId} is barred; npx causeway users barred lists who is.',
  },
  PERSON_DIVIDED: {
    status: 409,
    level: 'warn',
    retry: 'never',
    message:
      '{name} is two people here, and both have signed in or have rights of their own. An administrator must disable one of them, and delete and send the other one anew at the identity provider.',
  },
  GROUP_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no group {groupId}.',
  },
  GROUP_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'There is a group {name} already; choose another name.',
  },
  GROUP_CLAIM_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The group {name} stands for {claimValue} of connection {connection} already.',
  },
  GROUP_OF_CONNECTION: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The identity provider of connection {connection} says who is in group {name}; change it there.',
  },
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
  SUBJECT_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'There is no {kind} {id} here.' },
  ROLE_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no role {role}; npx causeway roles, or GET /api/platform/v1/roles, lists them.',
  },
  ROLE_BUILT_IN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The role {role} is built in and cannot be changed; make a role with another name.',
  },
  ROLE_IN_USE: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: '{count} role bindings give the role {role}; remove them first.',
  },
  ROLE_TOO_WIDE: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'A role can be given, changed or taken away only by those who have all of its permissions in the same place; {role} also has {permission}.',
  },
  BINDING_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no role binding {bindingId}.',
  },
  OWNER_LAST: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'This is the last role binding that makes an enabled user an owner of the organisation. First make somebody else an owner.',
  },
  KEY_OF_OWNER_LAST: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'Without this role binding, the organisation would have no owner’s key with every permission, or none that never expires. First let another owner have such a key.',
  },
  LIMIT_REACHED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'There are {limit} {what} already, which is the most that is allowed.',
  },
  SENDER_REFUSED: {
    status: 503,
    level: 'error',
    retry: 'later',
    message:
      'The message {subject} was refused: {problem}. Check CAUSEWAY_SIGNING_KEY and CAUSEWAY_TRUSTED_KEYS, and the clocks of both machines.',
  },
  ORIGIN_REFUSED: {
    status: 403,
    level: 'info',
    retry: 'never',
    message: 'Pages from {origin} may not call this server; add the origin to CAUSEWAY_CORS_ORIGINS.',
  },
  LOGS_OFF: {
    status: 403,
    level: 'info',
    retry: 'never',
    message:
      'Log access is off; an administrator can turn it on for callers on the same machine with CAUSEWAY_LOG_ACCESS=loopback.',
  },
  // flows
  FLOW_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'Flow identifier {flow} not found' },
  FLOW_NAME_SHARED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'Several flows have the name {name}; use the id of one of them: {ids}.',
  },
  FLOW_INVALID: { status: 400, level: 'info', retry: 'never', message: '{problems}' },
  FLOW_CANNOT_RUN: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'This flow cannot run: {problems}',
  },
  WEBHOOK_MISSING: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Flow {name} has no Webhook node, so nothing in it would receive the event. Add a Webhook node to the flow, or start it with POST /api/v1/run/{flowId}.',
  },
  FLOW_LOCKED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'Flow {name} is locked; unlock it before changing it.',
  },
  FLOW_NAME_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message:
      'The project {project} of that team already has a flow named {name}; rename one of the two first.',
  },
  PROJECT_NAME_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'That team already has a project named {name}; rename one of the two first.',
  },
  MOVE_REFUSED: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'Nothing was moved: {problem}.',
  },
  ENDPOINT_TAKEN: {
    status: 409,
    level: 'info',
    retry: 'never',
    message: 'The endpoint name {endpointName} belongs to another flow; choose another.',
  },
  VERSION_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'Flow {flowId} has no version {versionHash}.',
  },
  PROJECT_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no project {projectId}.',
  },
  VARIABLE_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no variable {variable}.',
  },
  VARIABLE_TAKEN: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'A variable named {name} exists already; change that one or choose another name.',
  },
  FILE_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'There is no file {file}.' },
  FILE_NOT_IMAGE: {
    status: 415,
    level: 'info',
    retry: 'never',
    message: 'The file {file} is not an image that can be shown; download it instead.',
  },
  FILE_NAME_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'File name {name} is not usable: no slashes, no control characters, at most 255 bytes.',
  },
  // runs
  RUN_UNKNOWN: { status: 404, level: 'info', retry: 'never', message: 'There is no run {runId}.' },
  MESSAGE_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'There is no message {messageId}.',
  },
  SESSION_UNKNOWN: {
    status: 404,
    level: 'info',
    retry: 'never',
    message: 'No messages were found in the session {sessionId}.',
  },
  TEAM_BUSY: {
    status: 429,
    level: 'info',
    retry: 'later',
    message:
      'This team has {waiting} runs waiting; its limit {limitName} is {limit}. Try again in {retryAfterS} s.',
  },
  IDEMPOTENCY_MISMATCH: {
    status: 422,
    level: 'info',
    retry: 'never',
    message: 'The idempotency key was used for another request; send a new key.',
  },
  TWEAK_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Tweak {tweak} is not usable: {problem}.',
  },
  TWEAK_CODE: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Tweak {tweak} would change code, which is never allowed; remove it.',
  },
  INPUT_CONFLICT: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'The input is given twice: as input_value and as a tweak on {node}; keep one.',
  },
  RUN_CANCELLED: { status: 409, level: 'info', retry: 'never', message: 'The run was cancelled.' },
  RUN_TIMED_OUT: {
    status: 504,
    level: 'info',
    retry: 'later',
    message: 'The run did not finish within {timeoutMs} ms, the limit CAUSEWAY_RUN_TIMEOUT_MS.',
  },
  QUEUE_TIMED_OUT: {
    status: 504,
    level: 'info',
    retry: 'later',
    message:
      'The run waited longer than the limit CAUSEWAY_QUEUE_TTL_S allows and was not started; submit it again.',
  },
  RUN_DEAD: {
    status: 500,
    level: 'error',
    retry: 'never',
    message: 'The run was ended after {crashes} crashes of its process; see its steps.',
  },
  RUN_UNCONFIRMED: {
    status: 504,
    level: 'warn',
    retry: 'later',
    message:
      'Run {runId} was submitted, but its acceptance was not confirmed in time, so it may be executing. {again}',
  },
  RUN_LOST: {
    status: 500,
    level: 'error',
    retry: 'later',
    message: 'Run {runId} was accepted, but its state cannot be read now; request it again.',
  },
  NODE_FAILED: {
    status: 500,
    level: 'info',
    retry: 'never',
    message: 'Error building Component {node}: {problem}',
  },
  FIELD_INVALID: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Error building Component {node}: {problem}',
  },
  FIELD_MISSING: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Component {node} needs a value for {field}; set it in the flow or by a tweak.',
  },
  VARIABLE_MISSING: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Component {node} takes {field} from the variable {variable}, which does not exist; set it with: npx causeway vars set {variable}',
  },
  MODEL_NOT_CHOSEN: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Component {node} names no model; choose one on the node, by a tweak, or set a default: npx causeway vars set DEFAULT_MODEL openai/gpt-4.1-mini --generic',
  },
  MODEL_KEY_MISSING: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Component {node} has no key for {provider}; set it with: npx causeway vars set {variable}',
  },
  MODEL_KEY_WITHHELD: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Component {node} would call {provider} at {address}, which the flow does not name, and no stored key is sent there. Allow it: {allow}; or send a key with the request too: {remedy}',
  },
  MODEL_UNKNOWN: {
    status: 400,
    level: 'info',
    retry: 'never',
    message:
      'Component {node} names the provider {provider}, which is not supported; supported are {supported}.',
  },
  PROVIDER_FAILED: {
    status: 502,
    level: 'warn',
    retry: 'later',
    message: 'The model provider of {node} answered {status}: {problem}',
  },
  PROVIDER_LIMITED: {
    status: 429,
    level: 'warn',
    retry: 'later',
    message: 'The model provider of {node} limits requests; it answered {status}: {problem}',
  },
  PROVIDER_UNREACHABLE: {
    status: 502,
    level: 'warn',
    retry: 'later',
    message: 'The model provider of {node} cannot be reached: {problem}',
  },
  PROVIDER_TIMED_OUT: {
    status: 504,
    level: 'warn',
    retry: 'later',
    message: 'The model provider of {node} sent nothing for {timeoutMs} ms.',
  },
  LIMIT_TOKENS: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'The run used {used} output tokens; the limit CAUSEWAY_RUN_MAX_TOKENS is {limit}.',
  },
  LIMIT_MEMORY: {
    status: 400,
    level: 'warn',
    retry: 'never',
    message: 'The run used {usedBytes} bytes of memory; the limit {limitName} is {limitBytes}.',
  },
  LIMIT_STEPS: {
    status: 400,
    level: 'info',
    retry: 'never',
    message: 'Component {node} reached its limit of {limit} {what}.',
  },
  ADDRESS_REFUSED: {
    status: 400,
    level: 'warn',
    retry: 'never',
    message:
      'Component {node} may not call {address}: it is not a public address. An administrator can allow it in CAUSEWAY_OUTBOUND_ALLOW.',
  },
  SECRET_WITHHELD: {
    status: 400,
    level: 'warn',
    retry: 'never',
    message:
      'Component {node} would send {what} in {part} to {address}, which the flow does not name, so the call was not made. Write the address into the flow, or allow it: {remedy}',
  },
  REQUEST_FAILED: {
    status: 502,
    level: 'info',
    retry: 'later',
    message: 'Component {node} could not fetch {address}: {problem}',
  },
  EFFECT_UNKNOWN: {
    status: 500,
    level: 'warn',
    retry: 'never',
    message:
      'An executor died while {node} called {what}. Whether the call arrived is not known, so it is not made again.',
  },
  LEASE_LOST: {
    status: 500,
    level: 'warn',
    retry: 'later',
    message: 'Another executor has taken over run {runId}.',
  },
} as const satisfies Record<string, ErrorEntry>;

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
