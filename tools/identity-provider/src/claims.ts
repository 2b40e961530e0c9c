import type { Faults } from './faults.js';
import type { Person } from './person.js';

/** How a provider tells the groups of a person. */
export interface GroupsOptions {
  /** The answers that carry the groups. @default 'id_token' */
  readonly groupsIn?: 'id_token' | 'userinfo' | 'both';
  /**
   * Dotted path of the claim, such as `realm_access.roles`. One that contains `://` is a single name, as
   * `https://example.com/groups`.
   *
   * @default 'groups'
   */
  readonly groupsClaim?: string;
  /** Sends, instead of the groups, the sign by which Entra ID says that there are too many. @default false */
  readonly overage?: boolean;
}

/** Claims with a meaning of their own, which can't be the claim of the groups. */
const RESERVED = ['sub', 'name', 'preferred_username', 'email', 'email_verified', 'iss', 'aud', 'exp', 'iat'];
const TEN_THOUSAND = 10_000;

/** The names on the way to the groups. @throws Error when the path can't be used */
export function groupsPath(claim: string): readonly [string, ...string[]] {
  const [first = '', ...rest] = claim.includes('://') ? [claim] : claim.split('.');
  if ([first, ...rest].includes(''))
    throw new Error(`groupsClaim must be names joined by dots, such as realm_access.roles, not "${claim}".`);
  if (RESERVED.includes(first))
    throw new Error(`groupsClaim can't be "${claim}": "${first}" means something else.`);
  return [first, ...rest];
}

/** The claims about a person in one kind of answer. */
export function claimsOf(
  person: Person,
  use: string,
  { groupsIn = 'id_token', groupsClaim = 'groups', overage = false }: GroupsOptions,
  faults: Faults,
  issuer: string,
): { sub: string; [claim: string]: unknown } {
  const path = groupsPath(groupsClaim);
  const claims = {
    sub: person.subject,
    name: person.name,
    preferred_username: person.email,
    email: person.email,
    email_verified: faults.emailVerified === 'text' ? 'false' : (person.emailVerified ?? true),
  };
  if (groupsIn !== 'both' && groupsIn !== use) return claims;
  if (overage)
    return {
      ...claims,
      _claim_names: { [path[0]]: 'src1' },
      _claim_sources: {
        src1: { endpoint: `${issuer}/people/${encodeURIComponent(person.subject)}/groups` },
      },
    };
  const value = path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), groupsValue(person, faults));
  return { ...claims, ...(value as Record<string, unknown>) };
}

function groupsValue({ groups }: Person, faults: Faults): unknown {
  switch (faults.groups) {
    case undefined:
      return groups;
    case 'string':
      return groups.join(' ');
    case 'number':
      return groups.length;
    case 'object':
      return Object.fromEntries(groups.map((name) => [name, true]));
    case 'tenThousand':
      return Array.from({ length: TEN_THOUSAND }, (_, index) => groups[index] ?? `group-${index}`);
  }
}
