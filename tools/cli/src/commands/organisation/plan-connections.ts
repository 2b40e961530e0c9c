import { X509Certificate } from 'node:crypto';
import type { Connection, OrganisationFile } from '@causeway/contracts';
import type { Draft, PlanOptions } from './plan.js';
import type { PresentState } from './present-state.js';
import { Order } from './step.js';

type Wanted = NonNullable<OrganisationFile['connections']>[number];

/** Plans the identity providers at which people sign in. */
export function planConnections(
  { connections: wanted, organisation }: OrganisationFile,
  { connections, organisation: present }: PresentState,
  { prune, secrets }: PlanOptions,
  { steps, kept, problems }: Draft,
): void {
  const isEnforced = organisation?.ssoEnforced ?? present.ssoEnforcedAt !== null;
  const path = (name: string) => `/api/platform/v1/connections/${name}`;
  for (const connection of wanted ?? []) {
    const { name, secret, ...fields } = { secret: undefined, ...connection };
    const found = connections.find((one) => one.name === name);
    if (found && found.kind !== kindOf(connection)) {
      problems.push(
        `connection ${name} is of the kind ${found.kind}, which cannot be changed: give it another name`,
      );
      continue;
    }
    const hasSecret = found?.kind === 'oidc' && found.hasSecret;
    const differing = found ? differences(connection, found) : [];
    const isSecretSent =
      secret !== undefined && (secret === null ? hasSecret : secrets || !hasSecret || differing.length > 0);
    if (isSecretSent) differing.push(secret === null ? 'no secret' : 'secret');
    if (found && differing.length === 0) continue;
    steps.push({
      act: found ? 'change' : 'create',
      what: `connection ${name}`,
      detail: found ? differing.join(', ') : (connection.issuer ?? 'SAML'),
      order: Order.connection,
      ...(isSecretSent && { secret }),
      request: () => ({ method: 'PUT', path: path(name), body: fields }),
    });
  }
  const left = connections.filter(({ name }) => !wanted?.some((one) => one.name === name));
  const isKeptAll = !prune || !wanted;
  for (const { name } of wanted ? left : []) {
    if (isKeptAll) kept.push(`connection ${name}`);
    else
      steps.push({
        act: 'remove',
        what: `connection ${name}`,
        order: Order.noConnection,
        request: () => ({ method: 'DELETE', path: path(name) }),
      });
  }
  const isAnyLeft =
    (wanted ?? []).some((one) => !isDisabled(one, connections)) ||
    (isKeptAll && left.some(({ disabledAt }) => disabledAt === null));
  if (isEnforced && !isAnyLeft)
    problems.push('people would sign in only at identity providers, and no connection would be enabled');
}

function isDisabled({ name, disabled }: Wanted, connections: readonly Connection[]): boolean {
  return disabled ?? (connections.find((one) => one.name === name)?.disabledAt ?? null) !== null;
}

function kindOf({ kind = 'oidc' }: Wanted): Connection['kind'] {
  return kind;
}

/** What the file says and what there is, each under its name. */
type Pair = readonly [name: string, wanted: unknown, found: unknown];

/** The names of what the file says otherwise. What it does not say stays as it is. */
function differences(wanted: Wanted, found: Connection): string[] {
  const { label, issuer, clientId, domains, scimIdClaim, disabled } = wanted;
  const pairs: readonly Pair[] = [
    ['label', label, found.label],
    ['issuer', issuer, found.issuer],
    ['clientId', clientId, found.clientId],
    ['domains', sorted(domains), sorted(found.domains)],
    ['scimIdClaim', scimIdClaim, found.scimIdClaim],
    ['disabled', disabled, found.disabledAt !== null],
    ...ofKind(wanted, found),
  ];
  return pairs.flatMap(([name, one, other]) => (one !== undefined && one !== other ? [name] : []));
}

function ofKind(wanted: Wanted, found: Connection): Pair[] {
  if (wanted.kind !== 'saml' && found.kind === 'oidc') {
    const { scopes, groupsClaim } = wanted;
    return [
      // Without this scope nobody signs in, so it is always asked for.
      ['scopes', scopes && sorted(['openid', ...scopes]), sorted(found.scopes)],
      ['groupsClaim', groupsClaim, found.groupsClaim],
    ];
  }
  if (wanted.kind !== 'saml' || found.kind !== 'saml') return [];
  const { signInUrl, certificates, nameIdFormat, attributes = {} } = wanted;
  return [
    ['signInUrl', signInUrl, found.signInUrl],
    [
      'certificates',
      sorted(certificates?.map(fingerprintOf)),
      sorted(found.certificates.map((one) => one.fingerprint)),
    ],
    ['nameIdFormat', nameIdFormat, found.nameIdFormat],
    ...(['name', 'email', 'groups'] as const).map((name): Pair => [
      `attributes.${name}`,
      attributes[name],
      found.attributes[name],
    ]),
  ];
}

/** SHA-256 of a certificate in hex, as connections name theirs; of what is none, the text itself, which the server then refuses. */
function fingerprintOf(certificate: string): string {
  try {
    const isPem = certificate.includes('-----BEGIN');
    const { fingerprint256 } = new X509Certificate(isPem ? certificate : Buffer.from(certificate, 'base64'));
    return fingerprint256.replaceAll(':', '').toLowerCase();
  } catch {
    return certificate;
  }
}

function sorted(texts: readonly string[] | undefined): string | undefined {
  return texts && [...new Set(texts)].toSorted().join(' ');
}
