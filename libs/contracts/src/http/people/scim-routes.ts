import { z } from 'zod';
import { ScimToken, getScimStatus } from '../../people/scim.js';
import { ConnectionName } from '../../people/sign-in.js';
import { JsonObject } from '../../values/json.js';
import { Id, hyphenated } from '../id.js';
import { route } from '../route.js';

/** SCIM 2.0 for the identity providers of connections, and its tokens. */

const organisation = { inPlace: 'organisation:write' } as const;
const TokenOfConnection = z.object({ connection: ConnectionName, tokenId: Id });
const OfConnection = z.object({ connection: ConnectionName });

export const getScimStatusRoute = route('GET', '/api/platform/v1/connections/{connection}/scim', {
  summary:
    'The SCIM tokens of a connection without the tokens, when each was used last, and how many people and groups its identity provider has sent. Needs organisation:write.',
  permission: organisation,
  params: OfConnection,
  reply: getScimStatus.reply,
});

export const createScimTokenRoute = route('POST', '/api/platform/v1/connections/{connection}/scim/tokens', {
  summary:
    'Makes a token with which the identity provider of a connection sends people and groups to `/scim/v2`. `token` is only in this answer. At most two are valid, so that one can take the place of the other. Needs every permission in the organisation.',
  permission: organisation,
  params: OfConnection,
  status: 201,
  reply: ScimToken.extend({ token: z.string(), url: z.string() }),
});

export const deleteScimTokenRoute = route(
  'DELETE',
  '/api/platform/v1/connections/{connection}/scim/tokens/{tokenId}',
  {
    summary: 'Ends a SCIM token. Needs every permission in the organisation.',
    permission: organisation,
    params: TokenOfConnection,
    status: 204,
  },
);

const scim = { permission: 'scim', produces: 'application/scim+json' } as const;
/** Any text: what is no id is unknown, as SCIM wants it. */
const One = z.object({ scimId: z.string().overwrite(hyphenated).check(z.maxLength(200)) });
const Named = z.object({ scimName: z.string().max(200) });
const Attributes = {
  attributes: z.string().max(2_000).optional(),
  excludedAttributes: z.string().max(2_000).optional(),
};
const OneQuery = z.object(Attributes);
const Index = z.coerce.number().int();
const ListQuery = z.object({
  ...Attributes,
  filter: z.string().max(10_000).optional(),
  startIndex: Index.optional(),
  count: Index.optional(),
});
const Names = z.array(z.string().max(200)).max(100);
const Search = z.looseObject({
  attributes: Names.optional(),
  excludedAttributes: Names.optional(),
  filter: z.string().max(10_000).optional(),
  startIndex: z.number().int().optional(),
  count: z.number().int().optional(),
});
const list = 'with `filter`, those that it describes, from `startIndex` on, `count` of them (at most 200)';
const patch = '`add`, `replace` and `remove`, with and without `path`; answers with the whole';

export const listScimUsersRoute = route('GET', '/scim/v2/Users', {
  ...scim,
  summary: `The people of the connection, oldest first; ${list}. Source: RFC 7644.`,
  query: ListQuery,
});

export const searchScimUsersRoute = route('POST', '/scim/v2/Users/.search', {
  ...scim,
  summary: 'The same, with what is asked for in the body.',
  body: Search,
});

export const createScimUserRoute = route('POST', '/scim/v2/Users', {
  ...scim,
  summary:
    'Makes a person before their first sign-in, or joins one who has signed in by this connection with the id that `externalId` says.',
  query: OneQuery,
  body: JsonObject,
  status: 201,
});

export const getScimUserRoute = route('GET', '/scim/v2/Users/{scimId}', {
  ...scim,
  summary: 'A person of the connection, with their groups.',
  params: One,
  query: OneQuery,
});

export const replaceScimUserRoute = route('PUT', '/scim/v2/Users/{scimId}', {
  ...scim,
  summary: 'Replaces what is known of a person. With `active` false they have no access from then on.',
  params: One,
  query: OneQuery,
  body: JsonObject,
});

export const patchScimUserRoute = route('PATCH', '/scim/v2/Users/{scimId}', {
  ...scim,
  summary: `Changes a person: ${patch} person.`,
  params: One,
  query: OneQuery,
  body: JsonObject,
});

export const deleteScimUserRoute = route('DELETE', '/scim/v2/Users/{scimId}', {
  ...scim,
  summary: 'Ends a person’s access, and shows them here no more. What they did stays.',
  params: One,
  status: 204,
});

export const listScimGroupsRoute = route('GET', '/scim/v2/Groups', {
  ...scim,
  summary: `The groups of the connection that its identity provider has sent, oldest first; ${list}.`,
  query: ListQuery,
});

export const searchScimGroupsRoute = route('POST', '/scim/v2/Groups/.search', {
  ...scim,
  summary: 'The same, with what is asked for in the body.',
  body: Search,
});

export const createScimGroupRoute = route('POST', '/scim/v2/Groups', {
  ...scim,
  summary:
    'Makes a group of the connection, or takes over the one that stands for the same name. From then on SCIM says who is in it, and sign-ins do not.',
  query: OneQuery,
  body: JsonObject,
  status: 201,
});

export const getScimGroupRoute = route('GET', '/scim/v2/Groups/{scimId}', {
  ...scim,
  summary: 'A group of the connection with its members.',
  params: One,
  query: OneQuery,
});

export const replaceScimGroupRoute = route('PUT', '/scim/v2/Groups/{scimId}', {
  ...scim,
  summary: 'Replaces the name and the members of a group.',
  params: One,
  query: OneQuery,
  body: JsonObject,
});

export const patchScimGroupRoute = route('PATCH', '/scim/v2/Groups/{scimId}', {
  ...scim,
  summary: `Changes a group: ${patch} group.`,
  params: One,
  query: OneQuery,
  body: JsonObject,
});

export const deleteScimGroupRoute = route('DELETE', '/scim/v2/Groups/{scimId}', {
  ...scim,
  summary: 'Removes a group and takes its roles away.',
  params: One,
  status: 204,
});

export const scimConfigurationRoute = route('GET', '/scim/v2/ServiceProviderConfig', {
  ...scim,
  summary: 'Which parts of SCIM there are, and their limits.',
});

export const scimResourceTypesRoute = route('GET', '/scim/v2/ResourceTypes', {
  ...scim,
  summary: 'The types of resources.',
});

export const scimResourceTypeRoute = route('GET', '/scim/v2/ResourceTypes/{scimName}', {
  ...scim,
  summary: 'A type of resources.',
  params: Named,
});

export const scimSchemasRoute = route('GET', '/scim/v2/Schemas', {
  ...scim,
  summary: 'The schemas of resources, with all attributes that are kept.',
});

export const scimSchemaRoute = route('GET', '/scim/v2/Schemas/{scimName}', {
  ...scim,
  summary: 'A schema.',
  params: Named,
});

export const meScimRoute = route('GET', '/scim/v2/Me', {
  ...scim,
  summary: 'Refused: a SCIM token belongs to no person.',
  status: 501,
});

export const bulkScimRoute = route('POST', '/scim/v2/Bulk', {
  ...scim,
  summary: 'Refused: send each change as a request of its own.',
  status: 501,
});
