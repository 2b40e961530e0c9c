import { causewayError } from '@causeway/contracts';
import type {
  InputOf,
  Principal,
  ReplyOf,
  ScimType,
  createScim,
  deleteScim,
  describeScim,
  getScim,
  listScim,
  patchScim,
  replaceScim,
} from '@causeway/contracts';
import type { JsonObject } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { definitions } from '../../domain/scim/attributes.js';
import { configuration, listAnswer, resourceTypes, schemas } from '../../domain/scim/describe.js';
import { ConnectionStore, type StoredConnection } from '../../store/sign-in/connection.store.js';
import type { Writes } from '../../store/tables.js';
import type { Actor } from '../access-event.js';
import { type Change, Changing } from '../changing.js';
import { findResources } from './finding.js';
import { ScimGroups } from './scim-groups.js';
import { ScimPeople } from './scim-people.js';

/** SCIM 2.0 for the connection of a SCIM token. Each change is one transaction, and what has changed access is told to gateways at once. */
@Injectable()
export class Scim {
  constructor(
    private readonly changing: Changing,
    private readonly connections: ConnectionStore,
    private readonly people: ScimPeople,
    private readonly groups: ScimGroups,
  ) {}

  async list(input: InputOf<typeof listScim>): Promise<ReplyOf<typeof listScim>> {
    const { id } = await this.connectionOf(await this.changing.fresh(input.principal));
    const store = this.storeOf(input.type);
    const resource = await findResources(
      definitions[input.type],
      {
        count: (narrow) => store.count(id, narrow),
        read: (narrow, slice, selection) => store.read(id, narrow, slice, { ...selection, base: input.base }),
      },
      input,
    );
    return { resource };
  }

  async get(input: InputOf<typeof getScim>): Promise<ReplyOf<typeof getScim>> {
    const { id } = await this.connectionOf(await this.changing.fresh(input.principal));
    return { resource: await this.storeOf(input.type).get(id, input.id, input) };
  }

  create(input: InputOf<typeof createScim>): Promise<ReplyOf<typeof createScim>> {
    return this.answering(input, (writes, actor, connection) =>
      this.storeOf(input.type).create(writes, actor, connection, input.resource, input),
    );
  }

  replace(input: InputOf<typeof replaceScim>): Promise<ReplyOf<typeof replaceScim>> {
    return this.answering(input, (writes, actor, connection) =>
      this.storeOf(input.type).replace(writes, actor, connection, input.id, input.resource, input),
    );
  }

  patch(input: InputOf<typeof patchScim>): Promise<ReplyOf<typeof patchScim>> {
    return this.answering(input, (writes, actor, connection) =>
      this.storeOf(input.type).patch(writes, actor, connection, input.id, input.patch, input),
    );
  }

  async delete(input: InputOf<typeof deleteScim>): Promise<void> {
    await this.change(input, (writes, actor, connection) =>
      this.storeOf(input.type).delete(writes, actor, connection, input.id),
    );
  }

  async describe({
    principal,
    what,
    id,
    base,
  }: InputOf<typeof describeScim>): Promise<ReplyOf<typeof describeScim>> {
    await this.changing.fresh(principal);
    if (what === 'ServiceProviderConfig') return { resource: configuration(base) };
    const all = what === 'ResourceTypes' ? resourceTypes(base) : schemas(base);
    if (id === undefined) return { resource: listAnswer(all) };
    const resource = all.find((one) => one['id'] === id);
    if (!resource) throw causewayError('SCIM_UNKNOWN', { what, id });
    return { resource };
  }

  private async answering(
    input: Required<Actor>,
    change: (writes: Writes, actor: Actor, connection: StoredConnection) => Promise<Change<JsonObject>>,
  ): Promise<{ resource: JsonObject }> {
    return { resource: await this.change(input, change) };
  }

  private change<T>(
    { principal, requestId }: Required<Actor>,
    change: (writes: Writes, actor: Actor, connection: StoredConnection) => Promise<Change<T>>,
  ): Promise<T> {
    return this.changing.changeAccess({ principal, requestId }, async (writes, actor) =>
      change(writes, actor, await this.connectionOf(actor.principal, writes)),
    );
  }

  /** The connection of a SCIM token. @throws CausewayError SCIM_TOKEN_NEEDED */
  private async connectionOf({ kind, id }: Principal, reads?: Writes): Promise<StoredConnection> {
    const connection = kind === 'scim' ? await this.connections.findById(id, reads) : undefined;
    if (!connection) throw causewayError('SCIM_TOKEN_NEEDED', {});
    return connection;
  }

  private storeOf(type: ScimType): ScimPeople | ScimGroups {
    return type === 'User' ? this.people : this.groups;
  }
}
