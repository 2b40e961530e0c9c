import { causewayError } from '@causeway/contracts';
import type { AuditEvent } from '@causeway/contracts';
import type { Json, JsonObject } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { groupDefinition } from '../../domain/scim/attributes.js';
import { groupName } from '../../domain/scim/group-name.js';
import type { Fields } from '../../domain/scim/matches.js';
import type { Narrowed } from '../../domain/scim/narrow.js';
import { parsePatch, patched } from '../../domain/scim/patch.js';
import { scimInvalid } from '../../domain/scim/scim-invalid.js';
import { wants } from '../../domain/scim/select.js';
import { type Draft, MOST_MEMBERS, takeResource } from '../../domain/scim/take-value.js';
import { wholeResource } from '../../domain/scim/whole-resource.js';
import { GroupStore } from '../../store/people/group.store.js';
import type { Slice } from '../../store/scim/columns.js';
import { ScimGroupStore, type SentGroup, type SentMember } from '../../store/scim/scim-group.store.js';
import type { StoredConnection } from '../../store/sign-in/connection.store.js';
import type { Writes } from '../../store/tables.js';
import { type Actor, accessEvent } from '../access-event.js';
import type { Change } from '../changing.js';
import type { Asked } from './scim-people.js';

const MOST_NAME = 500;
/** People that one audit event names. */
const NAMED_AT_ONCE = 100;

/** Groups, as the identity provider of a connection sends them. Of these groups SCIM alone says who is in them. */
@Injectable()
export class ScimGroups {
  constructor(
    private readonly store: ScimGroupStore,
    private readonly groups: GroupStore,
  ) {}

  count(connectionId: string, narrow: Narrowed | undefined): Promise<number> {
    return this.store.count(connectionId, narrow);
  }

  /** @throws CausewayError SCIM_INVALID when the groups have more members than one answer holds */
  async read(
    connectionId: string,
    narrow: Narrowed | undefined,
    slice: Slice,
    asked: Asked,
  ): Promise<JsonObject[]> {
    const rows = await this.store.list(connectionId, narrow, slice);
    return this.shownAll(connectionId, rows, asked);
  }

  async get(connectionId: string, id: string, asked: Asked): Promise<JsonObject> {
    return this.shown(connectionId, await this.store.get(connectionId, id), asked);
  }

  /** Makes a group, or takes over the one that stands for the name in claims. */
  async create(
    writes: Writes,
    actor: Actor,
    connection: StoredConnection,
    given: Fields,
    asked: Asked,
  ): Promise<Change<JsonObject>> {
    const next = takeGroup(takeResource(groupDefinition, given));
    const { id: connectionId, organisationId, name } = connection;
    const former = await this.store.findByName(writes, connectionId, next.displayName);
    if (former?.scim) throw taken(next.displayName);
    const group =
      former ??
      (await this.groups.insert(
        writes,
        organisationId,
        await this.freeName(writes, connection, next.displayName),
        { connection, value: next.displayName },
      ));
    const row = await this.store.insert(writes, connection, group.id, next.externalId ?? null);
    const change = await this.store.setMembers(writes, connectionId, group.id, next.members);
    const detail = { connection: name, claimValue: next.displayName, ...(former && { takenOver: true }) };
    const action = former ? 'group.update' : 'group.create';
    return {
      result: await this.shown(connectionId, row, asked, writes),
      events: [
        accessEvent(actor, action, objectOf(row), detail),
        ...memberEvents(actor, connection, row, change),
      ],
      isAccessChanged: isChanged(change),
    };
  }

  async replace(
    writes: Writes,
    actor: Actor,
    connection: StoredConnection,
    id: string,
    given: Fields,
    asked: Asked,
  ): Promise<Change<JsonObject>> {
    const row = await this.store.get(connection.id, id, writes);
    return this.update(writes, actor, connection, row, takeResource(groupDefinition, given), asked);
  }

  async patch(
    writes: Writes,
    actor: Actor,
    connection: StoredConnection,
    id: string,
    body: Fields,
    asked: Asked,
  ): Promise<Change<JsonObject>> {
    const row = await this.store.get(connection.id, id, writes);
    const members = (await this.store.membersOf(connection.id, [row.groupId], writes)).get(row.groupId) ?? [];
    const next = patched(groupDefinition, draftOf(row, members), parsePatch(body));
    return this.update(writes, actor, connection, row, next, asked);
  }

  /** Removes a group with its roles: whoever is given the same name there later must not get them. */
  async delete(
    writes: Writes,
    actor: Actor,
    connection: StoredConnection,
    id: string,
  ): Promise<Change<undefined>> {
    const row = await this.store.get(connection.id, id, writes);
    await this.groups.delete(writes, row.groupId);
    const detail = { connection: connection.name, claimValue: row.group.claimValue };
    return { result: undefined, events: [accessEvent(actor, 'group.delete', objectOf(row), detail)] };
  }

  private async update(
    writes: Writes,
    actor: Actor,
    connection: StoredConnection,
    row: SentGroup,
    resource: Draft,
    asked: Asked,
  ): Promise<Change<JsonObject>> {
    const next = takeGroup(resource);
    const { id: connectionId } = connection;
    const isRenamed = next.displayName !== row.group.claimValue;
    const externalId = next.externalId ?? row.externalId;
    const events: AuditEvent[] = [];
    let updated = row;
    if (isRenamed || externalId !== row.externalId) {
      const name = isRenamed ? await this.renamed(writes, connection, row, next.displayName) : row.group.name;
      const columns = { externalId, claimValue: next.displayName, name };
      updated = await this.store.update(writes, row, columns);
      const detail = {
        connection: connection.name,
        claimValue: next.displayName,
        formerName: row.group.name,
      };
      events.push(accessEvent(actor, 'group.update', objectOf(updated), detail));
    }
    const change = await this.store.setMembers(writes, connectionId, row.groupId, next.members);
    events.push(...memberEvents(actor, connection, updated, change));
    return {
      result: await this.shown(connectionId, updated, asked, writes),
      events,
      isAccessChanged: isChanged(change),
    };
  }

  /** The name of a group whose name there has changed: the same, unless somebody has named it otherwise here. */
  private async renamed(
    writes: Writes,
    connection: StoredConnection,
    { groupId, group }: SentGroup,
    displayName: string,
  ): Promise<string> {
    const other = await this.store.findByName(writes, connection.id, displayName);
    if (other && other.id !== groupId) throw taken(displayName);
    const isOwnName = !groupName(group.claimValue ?? '', connection.name).includes(group.name);
    return isOwnName ? group.name : this.freeName(writes, connection, displayName);
  }

  /** @throws CausewayError SCIM_TAKEN */
  private async freeName(
    writes: Writes,
    { organisationId, name: connection }: StoredConnection,
    displayName: string,
  ): Promise<string> {
    for (const name of groupName(displayName, connection))
      if (!(await writes.group.findFirst({ where: { organisationId, name } }))) return name;
    throw taken(displayName);
  }

  private async shown(
    connectionId: string,
    row: SentGroup,
    asked: Asked,
    reads?: Writes,
  ): Promise<JsonObject> {
    const [one] = await this.shownAll(connectionId, [row], asked, reads);
    if (!one) throw causewayError('SCIM_UNKNOWN', { what: 'Group', id: row.id });
    return one;
  }

  private async shownAll(
    connectionId: string,
    rows: readonly SentGroup[],
    asked: Asked,
    reads?: Writes,
  ): Promise<JsonObject[]> {
    const ids = rows.map(({ groupId }) => groupId);
    const isWithMembers = wants(groupDefinition, asked, 'members');
    if (isWithMembers && rows.length > 1 && (await this.store.countMembers(ids)) > MOST_MEMBERS)
      throw scimInvalid(
        'tooMany',
        `These ${rows.length} groups have more than ${MOST_MEMBERS} members together; ask for fewer with count, or with excludedAttributes=members`,
      );
    const members = isWithMembers
      ? await this.store.membersOf(connectionId, ids, reads)
      : new Map<string, SentMember[]>();
    return rows.map((row) => {
      const all = members.get(row.groupId) ?? [];
      const shownMembers = all.map(({ id, name }) => ({ value: id, display: name, type: 'User' }));
      const fields = {
        displayName: displayNameOf(row),
        ...(shownMembers.length > 0 && { members: shownMembers }),
      };
      return wholeResource(groupDefinition, row, asked.base, fields);
    });
  }
}

interface GroupDraft {
  readonly displayName: string;
  readonly externalId: string | undefined;
  /** SCIM's ids. */
  readonly members: readonly string[];
}

/** @throws CausewayError SCIM_INVALID */
function takeGroup({ displayName, externalId, members = [] }: Draft): GroupDraft {
  const name = displayName as string;
  if (name.length > MOST_NAME)
    throw scimInvalid('invalidValue', `displayName has ${name.length} characters; the limit is ${MOST_NAME}`);
  const values = (members as { value?: Json }[]).map(({ value }) => value);
  if (values.some((value) => typeof value !== 'string'))
    throw scimInvalid('invalidValue', 'Each of the members needs a value, which is the id of a User');
  return { displayName: name, externalId: externalId as string | undefined, members: values as string[] };
}

/** A stored group as a provider would write it. */
function draftOf(row: SentGroup, members: readonly SentMember[]): Draft {
  return {
    ...(row.externalId !== null && { externalId: row.externalId }),
    displayName: displayNameOf(row),
    ...(members.length > 0 && { members: members.map(({ id }) => ({ value: id })) }),
  };
}

function displayNameOf({ group }: SentGroup): string {
  return group.claimValue ?? group.name;
}

type Named = readonly { readonly id: string; readonly name: string }[];

function isChanged({ joined, left }: { readonly joined: Named; readonly left: Named }): boolean {
  return joined.length + left.length > 0;
}

/** The events of people who joined and left; each one names a part of them. */
function memberEvents(
  actor: Actor,
  { name: connection }: StoredConnection,
  row: SentGroup,
  { joined, left }: { readonly joined: Named; readonly left: Named },
): AuditEvent[] {
  const parts = (people: Named): Named[] =>
    Array.from({ length: Math.ceil(people.length / NAMED_AT_ONCE) }, (_, index) =>
      people.slice(index * NAMED_AT_ONCE, (index + 1) * NAMED_AT_ONCE),
    );
  const event = (action: 'group_member.create' | 'group_member.delete', people: Named): AuditEvent =>
    accessEvent(actor, action, objectOf(row), {
      connection,
      users: people.map(({ id, name }) => ({ id, name })),
    });
  return [
    ...parts(joined).map((people) => event('group_member.create', people)),
    ...parts(left).map((people) => event('group_member.delete', people)),
  ];
}

function objectOf({ group }: SentGroup): AuditEvent['object'] {
  return { type: 'group', id: group.id, name: group.name };
}

function taken(value: string): Error {
  return causewayError('SCIM_TAKEN', { what: 'Group', attribute: 'displayName', value });
}
