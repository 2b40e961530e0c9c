import type { Command } from 'commander';

const PROBLEM =
  '{code, severity: "blocking"|"warning", message, remedy, nodes, nodeType?, field?, variable?}';

/** What each command prints with `--json`, by its name. A member with `?` may be absent; times are ISO 8601. */
const shapes: Readonly<Record<string, string>> = {
  validate: `[{file, flow, runs, problems: [${PROBLEM}], variables: [name]}]`,
  import: `{flows: [{id, name, from, change: "imported"|"changed"|"unchanged", partly?, problems: [${PROBLEM}]}], twins: [{from, sameAs}], projects: [name], variablesToFill: [name], failures: [{from, problem}], counts: {imported, changed, unchanged, refused, cannotRun}}`,
  export: '[{id, name, file}]; without --to, the file of the one flow itself',
  'flows list': `[{id, name, endpoint_name, problems: [${PROBLEM}], …}], as GET /api/v1/flows answers; those of other teams: {id, name, shared_by: {id, name}, permissions, by}`,
  'flows share': '{id, subject: {kind, id, name}, role, level, objectId, createdAt}',
  'flows unshare': '{id, ended: [{id, subject: {kind, id, name}, role, …}]}',
  'flows move': `{id, name, teamId, projectId, files, removedHosts: [host], problems: [${PROBLEM}]}`,
  'flows shares': '[{id, subject: {kind, id, name}, role, createdAt, …}]',
  'flows allow-hosts': '{id, hosts: [host]}',
  'flows versions': '[{versionHash, createdAt, isNewest, isPublished}]',
  'flows publish': '{id, versionHash (null: the newest)}',
  run: '{runId, session_id, outputs: […]}, as POST /api/v1/run answers; with --stream, one line for each event: {event, data}',
  runs: '{items: [{id, flowId, flowName, status, trigger, submittedAt, finishedAt, errorCode, errorMessage, …}], next?}',
  trace:
    '{id, flowId, flowName, status, steps: [{path, nodeId, nodeName, status, startedAt, finishedAt, tokens, …}], result, error, mermaid, …}',
  cancel: '{run_id, status, requested}',
  retention: '[{kind, setting, keepDays, rows, bytes, oldest}]',
  'secrets status':
    '{dataKeys: [{id, isCurrent, masterKeyId, createdAt}], masterKeyId, resealing: [{table, pending, unreadable}]}',
  'secrets rotate-data': '{id, isCurrent, masterKeyId, createdAt}',
  'secrets rotate-master': '{masterKeyId, rewrapped: number of data keys}',
  'audit query':
    '{items: [{id, at, actor: {kind, id, name}, action, object: {type, id, name?}, result, code?, count?, …}], next?, count?: {events, isMore}}',
  'audit export': '{file, bytes, isComplete}',
  'audit verify':
    '{file, isProven, findings: [{problem, line, seq?, eventId?, checkpoint?}], moreFindings, isComplete, filter, events, firstSeq, lastSeq, checkpoints, withoutCheckpoint, beforeChain, removed, keyIds}',
  'audit keys': '[{keyId, publicKey, isCurrent}]',
  'audit stream':
    '{stream: {url, sentSeq, lastSeq, failures, lastError, pausedAt, createdAt} or null}; with an address {url, secret, …}: the secret is shown only this once',
  'webhooks list': '[{flowId, flow, id, isSigned, createdAt}]',
  'webhooks create':
    '{id, flowId, url, path, secret?, isSigned, createdAt}; address and secret are shown only this once',
  'webhooks secret':
    '{id, flowId, url, path, secret?, isSigned, createdAt}; address and secret are shown only this once',
  'webhooks delete': '{deleted: id of the flow}',
  'vars list': '[{id, name, type, value, default_fields, allowed_hosts}]',
  'vars set': '{id, name, type, allowed_hosts: [host]}',
  'vars delete': '{deleted: name}',
  'keys list':
    '[{id, name, api_key (masked), permissions: [permission], created_at, last_used_at, total_uses, expires_at}]',
  'keys create': '{id, name, api_key, …}; the key is shown only this once',
  'keys rotate': '{id, name, api_key, former_until, …}; the key is shown only this once',
  'keys delete': '{deleted: id, revoked: number of keys}',
  'signing-key': '{service, signingKey, publicKey}; the signing key is a secret',
  apply:
    '{plan: [{act: "create"|"change"|"remove", what, detail?}], waiting: [text], kept: [text], done: number of changes, error?: {code, message}}',
  'org export': 'the organisation as the file says it; with --out {file}',
  bootstrap: '{key, folder?}; the key is shown only this once',
  'teams list': '[{id, name, createdAt}]',
  'teams create': '{id, name, createdAt}',
  'teams rename': '{id, name, createdAt}',
  'teams delete': '{deleted: id, name}',
  'accounts delete': '{deleted: id, name}',
  'users delete': '{deleted: id}',
  'users barred': '[{userId, connection, deletedAt, deletedBy: {kind, id, name}}]',
  'users readmit': '{connections: [name]}',
  'accounts list': '[{id, teamId, name, createdAt, disabledAt}]',
  'accounts create': '{id, teamId, name, createdAt, disabledAt}',
  'accounts disable': '{id, teamId, name, createdAt, disabledAt}',
  'accounts enable': '{id, teamId, name, createdAt, disabledAt}',
  'accounts rename': '{id, teamId, name, createdAt, disabledAt}',
  'accounts keys':
    '[{id, name, api_key (masked), permissions: [permission], created_at, last_used_at, total_uses, expires_at}]',
  'accounts key': '{id, name, api_key, …}; the key is shown only this once',
  'roles list': '[{name, isBuiltIn, permissions: [permission]}]',
  'roles set': '{name, isBuiltIn, permissions: [permission]}',
  'roles delete': '{deleted: name}',
  'members list':
    '[{id, subject: {kind: "user"|"group"|"service_account"|"team", id, name}, role, level, objectId, createdAt}]',
  'members add': '{id, subject: {kind, id, name}, role, level, objectId, createdAt}',
  'members remove': '{deleted: id}',
  access:
    '{subject: {kind, id, name}, team: {id, name, createdAt}, permissions: [{permission, allowed, by: [{role, level, group?, sharedWith?: {id, name}}]}]}',
  'users list': '[{id, name, email, login, isBreakGlass, createdAt, lastSignInAt, disabledAt}]',
  'users disable': '{id, name, email, createdAt, lastSignInAt, disabledAt}',
  'users enable': '{id, name, email, createdAt, lastSignInAt, disabledAt}',
  'users invite':
    '{id, name, email, role, level, createdAt, expiresAt, link}; the link is shown only this once',
  'users password': '{login, uri?}; the address for an authenticator is shown only this once',
  'users no-password': '{deleted: id}',
  'sso enforce': '{id, name, ssoEnforcedAt}',
  'sso relax': '{id, name, ssoEnforcedAt}',
  'groups list': '[{id, name, connection, claimValue, members, createdAt}]',
  'groups create': '{id, name, connection, claimValue, members, createdAt}',
  'groups delete': '{deleted: name}',
  'groups members': '[{id, name, email, createdAt, lastSignInAt, disabledAt}]',
  'groups add': '{group, userId, isMember}',
  'groups remove': '{group, userId, isMember}',
  'sso list':
    '[{id, name, label, kind: "oidc", issuer, clientId, hasSecret, scopes, groupsClaim, domains, createdAt, disabledAt}], or of kind "saml" with signInUrl, certificates: [{fingerprint, expiresAt}], nameIdFormat and attributes: {name, email, groups} in place of hasSecret, scopes and groupsClaim',
  'sso add': 'one connection as in: sso list',
  'sso test':
    '{issuer, authorizationEndpoint, keys, pkce, endsSessions}, for SAML with certificates: [{fingerprint, expiresAt}]',
  'sso disable': '{id, name, …, disabledAt}',
  'sso enable': '{id, name, …, disabledAt}',
  'sso remove': '{deleted: name}',
  'clients list':
    '[{id, name, kind: "service"|"confidential"|"public", serviceAccountId, redirectUris, permissions, createdAt, formerSecretUntil}]',
  'clients create': '{id, name, secret?, …}; the secret is shown only this once',
  'clients secret': '{id, name, secret, formerSecretUntil, …}; the secret is shown only this once',
  'clients delete': '{deleted: id}',
  'clients renew-key': '{keyId, formerUntil}',
  'grants list': '[{id, clientId, client, teamId, permissions: [permission], createdAt, expiresAt}]',
  'grants end': '{ended: id}',
  login: '{url, subject: {id, name}}',
  logout: '{url}',
};

/** Adds the JSON of `--json` to each command's help; the JSON of a failure is the same for all. */
export function describeJson(program: Command, above = ''): void {
  for (const command of program.commands) {
    const name = `${above}${command.name()}`;
    const shape = shapes[name.replace(/^admin /, '').replace(/^(user|key) /, '$1s ')];
    if (shape !== undefined)
      command.addHelpText(
        'after',
        `\nWith --json:\n  ${shape}\n  on failure: {error: {code, message, runId?}}, and the exit code is not 0`,
      );
    describeJson(command, `${name} `);
  }
}
