/** What an identity provider says about somebody, from the ID token and from userinfo. */
export type Claims = Readonly<Record<string, unknown>>;

/** Groups that a claim may name; with more, nobody can say any more which of them are missing. */
const MOST_GROUPS = 1_000;
const MOST_TEXT = 1_000;

/** The groups that an identity provider names. `unknown`: it says that there are more than it tells, so nothing can be concluded. */
export type NamedGroups =
  { readonly kind: 'named'; readonly values: readonly string[] } | { readonly kind: 'unknown' };

/**
 * The groups of somebody. A claim that is missing names none, so that whoever was taken out of all groups has none here either.
 *
 * @param path     names separated by dots, such as `realm_access.roles`; a claim whose own name has dots counts too
 * @param sources  the claims in the order in which they are asked: the ID token's, then userinfo's
 */
export function groupsOf(path: string, ...sources: readonly Claims[]): NamedGroups {
  for (const claims of sources) {
    const found = valueAt(claims, path);
    if (found === undefined) continue;
    const values = (Array.isArray(found) ? found : [found]).filter(
      (value): value is string => typeof value === 'string' && value !== '',
    );
    return values.length > MOST_GROUPS
      ? { kind: 'unknown' }
      : { kind: 'named', values: [...new Set(values)] };
  }
  const isCut = sources.some((claims) => isOverage(claims, path));
  return isCut ? { kind: 'unknown' } : { kind: 'named', values: [] };
}

/** Whether a claim is in none of the sources. */
export function isMissing(path: string, claims: Claims): boolean {
  return valueAt(claims, path) === undefined;
}

/** A claim that is a text, from the first source that has it. */
export function textAt(path: string, ...sources: readonly Claims[]): string | undefined {
  return sources
    .map((claims) => valueAt(claims, path))
    .find((value): value is string => typeof value === 'string' && value !== '' && value.length <= MOST_TEXT);
}

/** The name and the e-mail address that are shown. An address that the provider has not verified is not shown. */
export function shownAs(
  subject: string,
  ...sources: readonly Claims[]
): { name: string; email: string | null } {
  const text = (name: string): string | undefined =>
    sources
      .map((claims) => claims[name])
      .find((value): value is string => typeof value === 'string' && value !== '');
  const isVerified = sources.some((claims) => claims['email_verified'] === true);
  const email = isVerified ? (text('email') ?? null) : null;
  return { name: text('name') ?? text('preferred_username') ?? email ?? subject, email };
}

function valueAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Claims)[name];
  }
  return value;
}

/** Entra ID names the place of a claim that would be too long in `_claim_names`, or says `hasgroups`. Source: OpenID Connect Core 1.0, section 5.6.2. */
function isOverage(claims: Claims, path: string): boolean {
  const names = claims['_claim_names'];
  const isElsewhere = typeof names === 'object' && names !== null && Object.hasOwn(names, path);
  return isElsewhere || claims['hasgroups'] === true || claims['hasgroups'] === 'true';
}
