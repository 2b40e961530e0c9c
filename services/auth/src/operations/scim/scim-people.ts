import { isDeepStrictEqual } from 'node:util';
import { causewayError } from '@causeway/contracts';
import type { AuditEvent } from '@causeway/contracts';
import type { Json, JsonObject } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { userDefinition } from '../../domain/scim/attributes.js';
import type { Fields } from '../../domain/scim/matches.js';
import type { Narrowed } from '../../domain/scim/narrow.js';
import { parsePatch, patched } from '../../domain/scim/patch.js';
import { personOf } from '../../domain/scim/person.js';
import { scimInvalid } from '../../domain/scim/scim-invalid.js';
import { type Selection, wants } from '../../domain/scim/select.js';
import { type Draft, takeResource } from '../../domain/scim/take-value.js';
import { wholeResource } from '../../domain/scim/whole-resource.js';
import { BarredStore } from '../../store/people/barred.store.js';
import { UserStore } from '../../store/people/user.store.js';
import type { Slice } from '../../store/scim/columns.js';
import { type GroupOfPerson, type ScimPerson, ScimUserStore } from '../../store/scim/scim-user.store.js';
import type { StoredConnection } from '../../store/sign-in/connection.store.js';
import type { Writes } from '../../store/tables.js';
import { type Actor, accessEvent } from '../access-event.js';
import type { Change } from '../changing.js';
import { memberEvent } from './joined-events.js';
import { PersonAccess } from './person-access.js';
import { ScimJoining } from './scim-joining.js';

/** How resources are shown. */
export type Asked = Selection & { readonly base: string };

/** People, as the identity provider of a connection sends them. */
@Injectable()
export class ScimPeople {
  constructor(
    private readonly store: ScimUserStore,
    private readonly users: UserStore,
    private readonly access: PersonAccess,
    private readonly joining: ScimJoining,
    private readonly barred: BarredStore,
  ) {}

  count(connectionId: string, narrow: Narrowed | undefined): Promise<number> {
    return this.store.count(connectionId, narrow);
  }

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

  async create(
    writes: Writes,
    actor: Actor,
    connection: StoredConnection,
    given: Fields,
    asked: Asked,
  ): Promise<Change<JsonObject>> {
    const { active, externalId, ...content } = takeResource(userDefinition, given) as PersonDraft;
    const { organisationId, id: connectionId, name } = connection;
    await this.store.checkName(writes, connectionId, content.userName);
    const shown = personOf(content);
    const joined = await this.joining.findPerson(writes, connection, externalId);
    if (!joined) await this.barred.checkSent(writes, connection, externalId, content.userName);
    const userId =
      joined?.userId ??
      (await this.users.insert(writes, organisationId, { ...shown, lastSignInAt: null })).user.id;
    const columns = { externalId: externalId ?? null, userName: content.userName, content };
    const made = await this.store.insert(writes, connection, userId, {
      ...columns,
      disabledAt: joined?.disabledAt ?? null,
    });
    await this.users.update(writes, userId, shown);
    const { disabledAt, events } = await this.access.set(writes, actor, made, active ?? true);
    const row = await this.store.update(writes, made.id, { ...columns, disabledAt });
    const isActive = row.user.disabledAt === null;
    const detail = { connection: name, email: shown.email, ...(!isActive && { disabled: true }) };
    const action = joined ? 'user.update' : 'user.create';
    return {
      result: await this.shown(connectionId, row, asked, writes),
      events: [
        accessEvent(actor, action, objectOf(row), { ...detail, ...(joined && { joined: true }) }),
        ...events,
      ],
      // Nobody acts as somebody who is new.
      isAccessChanged: joined !== undefined,
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
    return this.update(writes, actor, connection, row, takeResource(userDefinition, given), asked);
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
    const next = patched(userDefinition, draftOf(row), parsePatch(body));
    return this.update(writes, actor, connection, row, next, asked);
  }

  /** Ends the person’s access, and hides them. What they did stays, and whoever signs in as them later is still them. */
  async delete(
    writes: Writes,
    actor: Actor,
    { id: connectionId, name }: StoredConnection,
    id: string,
  ): Promise<Change<undefined>> {
    const row = await this.store.get(connectionId, id, writes);
    const { disabledAt, events } = await this.access.set(writes, actor, row, false);
    const left = await this.store.hide(writes, row, disabledAt);
    const owned = await this.access.owned(writes, row.userId);
    const detail = { connection: name, disabled: true, deletedThere: true, owned };
    const event = accessEvent(actor, 'user.update', objectOf(row), detail);
    const ofGroups = left.map((group) => memberEvent(actor, 'group_member.delete', group, row.user));
    return { result: undefined, events: [event, ...ofGroups, ...events] };
  }

  private async update(
    writes: Writes,
    actor: Actor,
    connection: StoredConnection,
    row: ScimPerson,
    next: Draft,
    asked: Asked,
  ): Promise<Change<JsonObject>> {
    const { id: connectionId, name } = connection;
    const { active, externalId, ...content } = next as PersonDraft;
    const {
      current,
      isJoined,
      events: ofJoining,
    } = await this.identified(writes, actor, connection, row, externalId);
    await this.store.checkName(writes, connectionId, content.userName, row.id);
    const changed = changedNames(row.content as Draft, content);
    const wasActive = current.user.disabledAt === null;
    const { disabledAt, events } = await this.access.set(writes, actor, current, active ?? wasActive);
    if (changed.length > 0) await this.users.update(writes, current.userId, personOf(content));
    const isSame =
      changed.length === 0 && !isJoined && disabledAt?.getTime() === current.disabledAt?.getTime();
    if (isSame) return { result: await this.shown(connectionId, current, asked, writes), events: [] };
    const updated = await this.store.update(writes, row.id, {
      externalId: current.externalId,
      userName: content.userName,
      content,
      disabledAt,
    });
    const disabled = updated.user.disabledAt !== null;
    const detail: JsonObject = {
      connection: name,
      changed,
      ...(updated.user.name !== current.user.name && { formerName: current.user.name }),
      ...(disabled === wasActive && { disabled }),
      ...(disabled && wasActive && { owned: await this.access.owned(writes, updated.userId) }),
    };
    return {
      result: await this.shown(connectionId, updated, asked, writes),
      events: [accessEvent(actor, 'user.update', objectOf(updated), detail), ...ofJoining, ...events],
      isAccessChanged: isJoined || disabled === wasActive,
    };
  }

  /**
   * The row with its `externalId`, which is set once: whoever could change it could make somebody else sign in as this person.
   *
   * @throws CausewayError SCIM_INVALID, SCIM_TAKEN, PERSON_BARRED, PERSON_DIVIDED
   */
  private async identified(
    writes: Writes,
    actor: Actor,
    connection: StoredConnection,
    row: ScimPerson,
    externalId: string | undefined,
  ): Promise<{ current: ScimPerson; isJoined: boolean; events: AuditEvent[] }> {
    if (externalId === undefined || externalId === row.externalId)
      return { current: row, isJoined: false, events: [] };
    if (row.externalId !== null)
      throw scimInvalid(
        'mutability',
        'externalId is set once, because it says who this person is at a sign-in; delete the person and send them anew',
      );
    const identified = { ...row, externalId };
    const other = await this.joining.findPerson(writes, connection, externalId);
    if (!other) await this.barred.checkSent(writes, connection, externalId, row.userNameKey);
    if (!other || other.userId === row.userId) return { current: identified, isJoined: true, events: [] };
    const { person: joined, events } = await this.joining.absorb(
      writes,
      actor,
      connection,
      row,
      other.userId,
    );
    // Whom the provider had deleted before was disabled by it: it enables them again.
    const disabledAt = joined.disabledAt ?? other.disabledAt;
    return { current: { ...joined, externalId, disabledAt }, isJoined: true, events };
  }

  private async shown(
    connectionId: string,
    row: ScimPerson,
    asked: Asked,
    reads?: Writes,
  ): Promise<JsonObject> {
    const [one] = await this.shownAll(connectionId, [row], asked, reads);
    if (!one) throw causewayError('SCIM_UNKNOWN', { what: 'User', id: row.id });
    return one;
  }

  private async shownAll(
    connectionId: string,
    rows: readonly ScimPerson[],
    asked: Asked,
    reads?: Writes,
  ): Promise<JsonObject[]> {
    const groups = wants(userDefinition, asked, 'groups')
      ? await this.store.groupsOf(
          connectionId,
          rows.map(({ userId }) => userId),
          reads,
        )
      : new Map<string, GroupOfPerson[]>();
    return rows.map((row) => {
      const { externalId: _externalId, ...fields } = draftOf(row);
      const own = groups.get(row.userId)?.map(({ value, display }) => ({ value, display, type: 'direct' }));
      return wholeResource(userDefinition, row, asked.base, { ...fields, ...(own && { groups: own }) });
    });
  }
}

/** A person as a provider writes them. */
type PersonDraft = Record<string, Json> & {
  readonly userName: string;
  readonly externalId?: string;
  readonly active?: boolean;
};

/** A stored person as a provider would write them. */
function draftOf({ externalId, content, user }: ScimPerson): Draft {
  return {
    ...(externalId !== null && { externalId }),
    ...(content as Draft),
    active: user.disabledAt === null,
  };
}

/** The attributes that differ, by their names and without their values. */
function changedNames(former: Fields, next: Readonly<Record<string, Json | undefined>>): string[] {
  const names = new Set([...Object.keys(former), ...Object.keys(next)]);
  return [...names].filter((name) => !isDeepStrictEqual(former[name], next[name]));
}

function objectOf({ user }: ScimPerson): AuditEvent['object'] {
  return { type: 'user', id: user.id, name: user.name };
}
