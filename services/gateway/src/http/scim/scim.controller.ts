import {
  actorOf,
  bulkScimRoute,
  causewayError,
  createScim,
  createScimGroupRoute,
  createScimUserRoute,
  deleteScim,
  deleteScimGroupRoute,
  deleteScimUserRoute,
  describeScim,
  getScim,
  getScimGroupRoute,
  getScimUserRoute,
  listScim,
  listScimGroupsRoute,
  listScimUsersRoute,
  meScimRoute,
  patchScim,
  patchScimGroupRoute,
  patchScimUserRoute,
  replaceScim,
  replaceScimGroupRoute,
  replaceScimUserRoute,
  scimConfigurationRoute,
  scimResourceTypeRoute,
  scimResourceTypesRoute,
  scimSchemaRoute,
  scimSchemasRoute,
  searchScimGroupsRoute,
  searchScimUsersRoute,
} from '@causeway/contracts';
import type { InputOf, RouteInput, ScimType } from '@causeway/contracts';
import type { JsonObject } from '@causeway/dag';
import { Bus } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { WrittenJson } from '../answer/answer-json.js';
import { countAnswer } from '../answer/count-answer.js';
import type { Call } from '../door/call.js';
import { Serve } from '../door/serve.js';
import { originOf } from '../door/public-origin.js';

type Listed = Omit<InputOf<typeof listScim>, 'principal' | 'type' | 'base'>;
type Selected = Pick<Listed, 'attributes' | 'excludedAttributes'>;

/** SCIM 2.0 as identity providers see it. Auth knows the resources; here are their addresses. */
@Controller()
export class ScimController {
  constructor(private readonly bus: Bus) {}

  @Serve(listScimUsersRoute)
  users({ query }: RouteInput<typeof listScimUsersRoute>, call: Call): Promise<WrittenJson> {
    return this.list(call, 'User', query);
  }

  @Serve(searchScimUsersRoute)
  searchUsers({ body }: RouteInput<typeof searchScimUsersRoute>, call: Call): Promise<WrittenJson> {
    return this.list(call, 'User', searched(body));
  }

  @Serve(createScimUserRoute)
  createUser({ query, body }: RouteInput<typeof createScimUserRoute>, call: Call): Promise<WrittenJson> {
    return this.create(call, 'User', query, body);
  }

  @Serve(getScimUserRoute)
  user({ params, query }: RouteInput<typeof getScimUserRoute>, call: Call): Promise<WrittenJson> {
    return this.get(call, 'User', params.scimId, query);
  }

  @Serve(replaceScimUserRoute)
  replaceUser(
    { params, query, body }: RouteInput<typeof replaceScimUserRoute>,
    call: Call,
  ): Promise<WrittenJson> {
    return this.replace(call, 'User', params.scimId, query, body);
  }

  @Serve(patchScimUserRoute)
  patchUser(
    { params, query, body }: RouteInput<typeof patchScimUserRoute>,
    call: Call,
  ): Promise<WrittenJson> {
    return this.patch(call, 'User', params.scimId, query, body);
  }

  @Serve(deleteScimUserRoute)
  async deleteUser({ params }: RouteInput<typeof deleteScimUserRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteScim, { ...actorOf(call), type: 'User', id: params.scimId });
  }

  @Serve(listScimGroupsRoute)
  groups({ query }: RouteInput<typeof listScimGroupsRoute>, call: Call): Promise<WrittenJson> {
    return this.list(call, 'Group', query);
  }

  @Serve(searchScimGroupsRoute)
  searchGroups({ body }: RouteInput<typeof searchScimGroupsRoute>, call: Call): Promise<WrittenJson> {
    return this.list(call, 'Group', searched(body));
  }

  @Serve(createScimGroupRoute)
  createGroup({ query, body }: RouteInput<typeof createScimGroupRoute>, call: Call): Promise<WrittenJson> {
    return this.create(call, 'Group', query, body);
  }

  @Serve(getScimGroupRoute)
  group({ params, query }: RouteInput<typeof getScimGroupRoute>, call: Call): Promise<WrittenJson> {
    return this.get(call, 'Group', params.scimId, query);
  }

  @Serve(replaceScimGroupRoute)
  replaceGroup(
    { params, query, body }: RouteInput<typeof replaceScimGroupRoute>,
    call: Call,
  ): Promise<WrittenJson> {
    return this.replace(call, 'Group', params.scimId, query, body);
  }

  @Serve(patchScimGroupRoute)
  patchGroup(
    { params, query, body }: RouteInput<typeof patchScimGroupRoute>,
    call: Call,
  ): Promise<WrittenJson> {
    return this.patch(call, 'Group', params.scimId, query, body);
  }

  @Serve(deleteScimGroupRoute)
  async deleteGroup({ params }: RouteInput<typeof deleteScimGroupRoute>, call: Call): Promise<void> {
    await this.bus.request(deleteScim, { ...actorOf(call), type: 'Group', id: params.scimId });
  }

  @Serve(scimConfigurationRoute)
  configuration(_input: RouteInput<typeof scimConfigurationRoute>, call: Call): Promise<WrittenJson> {
    return this.describe(call, 'ServiceProviderConfig');
  }

  @Serve(scimResourceTypesRoute)
  resourceTypes(_input: RouteInput<typeof scimResourceTypesRoute>, call: Call): Promise<WrittenJson> {
    return this.describe(call, 'ResourceTypes');
  }

  @Serve(scimResourceTypeRoute)
  resourceType({ params }: RouteInput<typeof scimResourceTypeRoute>, call: Call): Promise<WrittenJson> {
    return this.describe(call, 'ResourceTypes', params.scimName);
  }

  @Serve(scimSchemasRoute)
  schemas(_input: RouteInput<typeof scimSchemasRoute>, call: Call): Promise<WrittenJson> {
    return this.describe(call, 'Schemas');
  }

  @Serve(scimSchemaRoute)
  schema({ params }: RouteInput<typeof scimSchemaRoute>, call: Call): Promise<WrittenJson> {
    return this.describe(call, 'Schemas', params.scimName);
  }

  @Serve(meScimRoute)
  me(_input: RouteInput<typeof meScimRoute>, _call: Call): never {
    throw causewayError('SCIM_UNSUPPORTED', {
      what: '/Me',
      remedy: 'a SCIM token belongs to no person, so find the person below /Users',
    });
  }

  @Serve(bulkScimRoute)
  bulk(_input: RouteInput<typeof bulkScimRoute>, _call: Call): never {
    throw causewayError('SCIM_UNSUPPORTED', {
      what: '/Bulk',
      remedy: 'send each change as a request of its own',
    });
  }

  private async list(call: Call, type: ScimType, listed: Listed): Promise<WrittenJson> {
    const { principal } = actorOf(call);
    const { resource } = await this.bus.request(listScim, { principal, type, base: baseOf(call), ...listed });
    return written(call, resource);
  }

  private async get(call: Call, type: ScimType, id: string, selected: Selected): Promise<WrittenJson> {
    const { principal } = actorOf(call);
    const asked = { principal, type, id, base: baseOf(call), ...selected };
    return written(call, (await this.bus.request(getScim, asked)).resource);
  }

  private async create(
    call: Call,
    type: ScimType,
    selected: Selected,
    resource: JsonObject,
  ): Promise<WrittenJson> {
    const asked = { ...actorOf(call), type, resource, base: baseOf(call), ...selected };
    return written(call, (await this.bus.request(createScim, asked)).resource);
  }

  private async replace(
    call: Call,
    type: ScimType,
    id: string,
    selected: Selected,
    resource: JsonObject,
  ): Promise<WrittenJson> {
    const asked = { ...actorOf(call), type, id, resource, base: baseOf(call), ...selected };
    return written(call, (await this.bus.request(replaceScim, asked)).resource);
  }

  private async patch(
    call: Call,
    type: ScimType,
    id: string,
    selected: Selected,
    patch: JsonObject,
  ): Promise<WrittenJson> {
    const asked = { ...actorOf(call), type, id, patch, base: baseOf(call), ...selected };
    return written(call, (await this.bus.request(patchScim, asked)).resource);
  }

  private async describe(
    call: Call,
    what: InputOf<typeof describeScim>['what'],
    id?: string,
  ): Promise<WrittenJson> {
    const { principal } = actorOf(call);
    const asked = { principal, what, base: baseOf(call), ...(id !== undefined && { id }) };
    return written(call, (await this.bus.request(describeScim, asked)).resource);
  }
}

/** The address before `/Users`, as the caller sees it. */
function baseOf({ request }: Call): string {
  return `${originOf(request)}/scim/v2`;
}

function searched({
  filter,
  startIndex,
  count,
  ...names
}: RouteInput<typeof searchScimUsersRoute>['body']): Listed {
  const { attributes, excludedAttributes } = names;
  return {
    ...(filter !== undefined && { filter }),
    ...(startIndex !== undefined && { startIndex }),
    ...(count !== undefined && { count }),
    ...(attributes && { attributes: attributes.join().slice(0, 2_000) }),
    ...(excludedAttributes && { excludedAttributes: excludedAttributes.join().slice(0, 2_000) }),
  };
}

/** A resource as SCIM answers it, with its address. Source: RFC 7644, section 3.1. */
function written(call: Call, resource: JsonObject): WrittenJson {
  const { meta } = resource as { meta?: { location?: string } };
  if (meta?.location !== undefined) call.reply.header('location', meta.location);
  call.reply.header('cache-control', 'no-store');
  const body = Buffer.from(JSON.stringify(resource));
  countAnswer(call, body.length);
  return new WrittenJson(body, { type: 'application/scim+json; charset=utf-8', length: body.length });
}
