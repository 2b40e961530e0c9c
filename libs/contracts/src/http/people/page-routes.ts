import { z } from 'zod';
import { AccessName } from '../../access.js';
import { SamlResponse } from '../../people/saml.js';
import { ConnectionName } from '../../people/sign-in.js';
import { Id, hyphenated } from '../id.js';
import { type Permission, permissions } from '../../tenancy.js';
import { route } from '../route.js';

/** Pages for people, and the addresses between which a browser goes while somebody signs in. Their errors are pages too. */

const page = { isPage: true, produces: 'text/html' } as const;
const anybody = { inPlace: 'any' } as const;
const ByName = z.object({ connection: ConnectionName });
/** Proves that a form is from a page of this site. */
const csrf = { csrf: z.string().max(200) };
const Path = z.string().max(2_000);

export const homePageRoute = route('GET', '/', {
  ...page,
  summary: 'Who you are, what you may do here, and where to go next.',
  permission: 'public',
});

export const pageStyleRoute = route('GET', '/pages.css', {
  summary: 'How the pages look.',
  permission: 'public',
  produces: 'text/css',
});

export const docsPageRoute = route('GET', '/docs', {
  ...page,
  summary: 'The reference of the API: every route, by what it is about.',
  permission: 'public',
});

export const operationPageRoute = route('GET', '/docs/{operation}', {
  ...page,
  summary:
    'One route: what it needs, takes and answers, with an example. `operation` is its `operationId` in `GET /openapi.json`.',
  permission: 'public',
  params: z.object({ operation: z.string().min(1).max(100) }),
});

const Given = Path.optional();
const GivenId = Path.overwrite(hyphenated).optional();

export const auditPageRoute = route('GET', '/audit', {
  ...page,
  summary:
    'What was done and refused, as a page: the filters of `GET /api/platform/v1/audit/events` are in its address. `where` is the id of a team, or `organisation`; times are in UTC.',
  permission: { inPlace: 'audit:read' },
  // A mistake is shown beside its field, so the page itself checks what is given.
  query: z.object({
    where: Given,
    from: Given,
    to: Given,
    actor_id: GivenId,
    action: Given,
    object_type: Given,
    object_id: GivenId,
    result: Given,
    address: Given,
    request_id: GivenId,
    run_id: GivenId,
    text: Given,
    order: Given,
    after: Given,
    before: Given,
  }),
});

export const signInPageRoute = route('GET', '/sign-in', {
  ...page,
  summary: 'Where to sign in: by the domain of an e-mail address, or by choosing.',
  permission: 'public',
  query: z.object({ email: z.string().max(320).optional(), to: Path.optional() }),
});

export const beginSignInRoute = route('GET', '/sign-in/{connection}', {
  ...page,
  summary:
    'Begins to sign in: the browser goes to the identity provider, and at the end to `to`, a path of this site.',
  permission: 'public',
  params: ByName,
  query: z.object({ email: z.string().max(320).optional(), to: Path.optional() }),
  status: 303,
});

export const finishSignInRoute = route('GET', '/sign-in/{connection}/callback', {
  ...page,
  summary: 'Where the identity provider sends the browser back to.',
  permission: 'public',
  params: ByName,
  status: 303,
});

export const connectionMetadataRoute = route('GET', '/sign-in/{connection}/metadata', {
  summary: 'What a SAML identity provider has to know of a connection: SAML 2.0 metadata.',
  permission: 'public',
  params: ByName,
  produces: 'application/samlmetadata+xml',
});

const samlAnswer = z.object({ SAMLResponse: SamlResponse, RelayState: z.string().max(2_000).optional() });

export const samlAnswerRoute = route('POST', '/sign-in/{connection}/callback', {
  ...page,
  summary:
    'Where the browser brings the answer of a SAML identity provider: a page that sends it on from this site, for only then does the browser prove that it began the sign-in.',
  permission: 'public',
  params: ByName,
  bodyKind: 'form',
  body: samlAnswer,
});

export const finishSamlSignInRoute = route('POST', '/sign-in/{connection}/finish', {
  ...page,
  summary: 'Where that page sends the answer of a SAML identity provider.',
  permission: 'public',
  params: ByName,
  bodyKind: 'form',
  body: samlAnswer,
  status: 303,
});

export const backChannelLogoutRoute = route('POST', '/sign-in/{connection}/back-channel-logout', {
  summary:
    'Where an identity provider says that it has ended sessions. Source: OpenID Connect Back-Channel Logout 1.0.',
  permission: 'public',
  params: ByName,
  bodyKind: 'form',
  body: z.object({ logout_token: z.string().min(1).max(16_000) }),
  reply: z.object({ ended: z.number().int() }),
});

export const signOutRoute = route('POST', '/sign-out', {
  ...page,
  summary: 'Ends the session of the browser, and that of the identity provider where it offers that.',
  permission: anybody,
  bodyKind: 'form',
  body: z.object(csrf),
});

export const accountPageRoute = route('GET', '/account', {
  ...page,
  summary: 'Your sessions and keys.',
  permission: anybody,
});

export const chooseTeamRoute = route('POST', '/account/team', {
  ...page,
  summary: 'Works in another team from now on.',
  permission: anybody,
  bodyKind: 'form',
  body: z.object({ ...csrf, teamId: Id }),
  status: 303,
});

export const endSessionsRoute = route('POST', '/account/sessions', {
  ...page,
  summary: 'Ends one of your sessions, or all others.',
  permission: anybody,
  bodyKind: 'form',
  body: z.object({ ...csrf, sessionId: z.union([Id, z.literal('others')]) }),
  status: 303,
});

/** A ticked box of a form has this value, and one that is not ticked is absent. */
const Ticks = z.object(
  // Each permission has a box with its name.
  Object.fromEntries(permissions.map((one) => [one, z.literal('on').optional()])) as Record<
    Permission,
    z.ZodOptional<z.ZodLiteral<'on'>>
  >,
);

export const makeKeyRoute = route('POST', '/account/keys', {
  ...page,
  summary:
    'Makes an API key of your own, and shows it once. `may=ticked`: it may do only what is ticked, of what you may do.',
  permission: 'key:write',
  bodyKind: 'form',
  body: z.object({
    ...csrf,
    name: AccessName,
    days: z.coerce.number().int().min(1).max(3_650),
    may: z.enum(['all', 'ticked']).default('all'),
    ...Ticks.shape,
  }),
});

export const revokeKeyRoute = route('POST', '/account/keys/{keyId}/revoke', {
  ...page,
  summary: 'Revokes an API key of your own.',
  permission: anybody,
  params: z.object({ keyId: Id }),
  bodyKind: 'form',
  body: z.object(csrf),
  status: 303,
});

export const endProgramRoute = route('POST', '/account/programs', {
  ...page,
  summary: 'A program may not act for you any more.',
  permission: anybody,
  bodyKind: 'form',
  body: z.object({ ...csrf, grantId: Id }),
  status: 303,
});
