/** What routes are about, in the order in which a reader meets it, with how the paths of each begin. */
const areas: readonly (readonly [name: string, paths: RegExp])[] = [
  ['Running flows', /^\/api\/(v1\/(run|webhook)\/|platform\/v1\/(runs|hooks)\b)/],
  ['Flows', /^\/api\/(v1\/(flows|validate|all)\b|platform\/v1\/(flows\/|shared-flows$))/],
  ['Projects', /^\/api\/(v1|platform\/v1)\/projects\b/],
  ['Variables', /^\/api\/v1\/variables\b/],
  ['Files', /^\/api\/v[12]\/files\b/],
  ['Messages', /^\/api\/v1\/monitor\//],
  ['Keys', /^\/api\/(v1\/api_key|platform\/v1\/keys)\b/],
  [
    'Teams and roles',
    /^\/api\/platform\/v1\/(teams|service-accounts|roles|role-bindings|access|organisation)\b/,
  ],
  [
    'People and signing in',
    /^\/api\/(platform\/v1\/(self|users|barred-users|groups|connections|sessions|invitations)\b|v1\/(auto_)?(login|logout|refresh|session|users)\b)/,
  ],
  ['SCIM', /^\/scim\/v2\//],
  ['OAuth', /^\/(oauth|\.well-known)\/|^\/api\/platform\/v1\/(clients|grants|signing-keys)\b/],
  ['Audit log', /^\/api\/platform\/v1\/audit\//],
  [
    'The server',
    /^\/(health(_check)?|logs(-stream)?|openapi\.json)$|^\/api\/(v1\/(version|config)|platform\/v1\/(retention|secrets(\/.*)?))$/,
  ],
  ['Pages', /^\//],
];

/** The names of all areas, in their order. */
export const areaNames: readonly string[] = areas.map(([name]) => name);

/** The area of a route, by its path; pages are what is in no other. */
export function areaOf(path: string): string {
  return areas.find(([, paths]) => paths.test(path))?.[0] ?? 'Pages';
}
