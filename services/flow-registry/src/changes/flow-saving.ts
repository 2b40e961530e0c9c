import { reachOf } from '@causeway/authz';
import { causewayError } from '@causeway/contracts';
import type { FlowSettings } from '@causeway/contracts';
import { dataKeyOf, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { sha256 } from '../domain/compiled-version.js';
import { type Settings, changedSettings, defaultSettings, outdatesSource } from '../domain/flow-settings.js';
import { authorizeActor, checkMayMove, mayKnow } from './authorize-actor.js';
import type { FlowNames } from '../domain/import-notes.js';
import { type Actor, registryEvent } from '../domain/registry-event.js';
import { FlowStore, settingColumns, settingsOfRow } from '../store/flow.store.js';
import type { Flow as FlowColumns } from '../store/generated/client.js';
import { NameStore } from '../store/name.store.js';
import { placeOfFlow } from '../store/sealing/sealed-places.js';
import { Sealing } from '../store/sealing/sealing.js';
import { type SealedSource, SourceStore } from '../store/source.store.js';
import { type Writes, tell } from '../store/tables.js';
import { VersionStore } from '../store/version.store.js';
import { Compiling, type Draft } from '../intake/compiling.js';

/** The state that a flow should have. */
export interface Wish {
  readonly id?: string | undefined;
  readonly settings: Partial<Settings> & Pick<Settings, 'name'>;
  readonly draft: Draft;
  /** The project of a new flow; an existing one is moved there only with `move`. */
  readonly projectId: string;
  readonly move: boolean;
  /** The file that contained it. */
  readonly source?: SealedSource | undefined;
  readonly lastTestedVersion?: string | undefined;
}

/** The result of saving a flow. */
export interface Saved {
  readonly flowId: string;
  readonly changed: boolean;
  /** Its names before, if it existed. */
  readonly former?: FlowNames;
}

interface Change {
  readonly settings: Partial<FlowSettings>;
  readonly draft?: Draft | undefined;
  readonly sourceId?: string | undefined;
  /** The flow is locked, so it must not change. */
  readonly locked: boolean;
}

/** Writes flows, their versions and their events, always within the caller's transaction. */
@Injectable()
export class FlowSaving {
  constructor(
    private readonly flows: FlowStore,
    private readonly names: NameStore,
    private readonly versions: VersionStore,
    private readonly sources: SourceStore,
    private readonly sealing: Sealing,
    private readonly compiling: Compiling,
  ) {}

  /**
   * Creates a flow, or changes an existing one of the same team to this state. An id that another team has is replaced, and so is that of
   * a flow that the actor may not know.
   *
   * @throws CausewayError FLOW_LOCKED, PERMISSION_DENIED
   */
  async save(writes: Writes, actor: Actor, wish: Wish): Promise<Saved> {
    const { draft, move, projectId, source } = wish;
    const tenant = actor.principal;
    const there = wish.id === undefined ? undefined : await this.flows.findEver(writes, wish.id);
    const known = there?.teamId === tenant.teamId && mayKnow(actor, there) ? there : undefined;
    const sourceId = source && (await this.sources.ensure(writes, tenant, source));
    if (!known || known.deletedAt || move) checkMayWriteIn(actor, projectId);
    if (!known || known.deletedAt) {
      return this.make(
        writes,
        actor,
        there && !known ? newId() : (wish.id ?? draft.flowId),
        wish,
        sourceId,
        known,
      );
    }
    authorizeActor(actor, 'flow:write', { type: 'flow', ...known });
    if (move) checkMayMove(actor, known, projectId);
    const place = { id: known.id, projectId: move ? projectId : known.projectId };
    const named = await this.names.freeSettings(writes, tenant, place, wish.settings);
    const settings = { ...named, ...(move && { projectId }) };
    const changed = await this.change(writes, actor, known, {
      settings,
      draft,
      sourceId,
      locked: known.locked,
    });
    const { name, endpointName } = known;
    return { flowId: known.id, changed, former: { name, endpointName } };
  }

  /**
   * Changes a flow of the actor's team where it differs; false when nothing differs.
   *
   * @throws CausewayError FLOW_UNKNOWN, PERMISSION_DENIED, ENDPOINT_TAKEN, FLOW_LOCKED unless the change unlocks it
   */
  async update(
    writes: Writes,
    actor: Actor,
    flowId: string,
    { settings, draft }: { settings: Partial<FlowSettings>; draft?: Draft | undefined },
  ): Promise<boolean> {
    const tenant = actor.principal;
    const there = await this.flows.findEver(writes, flowId);
    if (!there || there.teamId !== tenant.teamId || there.deletedAt)
      throw causewayError('FLOW_UNKNOWN', { flow: flowId });
    authorizeActor(actor, 'flow:write', { type: 'flow', ...there });
    if (settings.projectId !== undefined && settings.projectId !== there.projectId) {
      checkMayWriteIn(actor, settings.projectId);
      checkMayMove(actor, there, settings.projectId);
    }
    const place = { id: flowId, projectId: settings.projectId ?? there.projectId };
    const named = await this.names.freeSettings(writes, tenant, place, settings);
    if (settings.endpointName != null && named.endpointName !== settings.endpointName) {
      throw causewayError('ENDPOINT_TAKEN', { endpointName: settings.endpointName });
    }
    return this.change(writes, actor, there, {
      settings: named,
      draft,
      locked: there.locked && settings.locked !== false,
    });
  }

  private async change(writes: Writes, actor: Actor, flow: FlowColumns, change: Change): Promise<boolean> {
    const { sourceId, locked } = change;
    const draft = change.draft && (await this.compiling.move(change.draft, flow.organisationId, flow.id));
    const webhook = draft?.hasWebhook ?? flow.webhook;
    const settings = changedSettings(settingsOfRow(flow), { ...change.settings, webhook });
    const redrawn =
      draft !== undefined &&
      (draft.version.versionHash !== flow.versionHash ||
        draft.dataHash !==
          sha256(await this.sealing.open(flow.data, placeOfFlow(flow.organisationId, flow.id))));
    const resourced = sourceId !== undefined && sourceId !== flow.sourceId;
    if (Object.keys(settings).length === 0 && !redrawn && !resourced) return false;
    if (locked) throw causewayError('FLOW_LOCKED', { name: flow.name });
    // Under its names callers run what was published.
    if (flow.publishedHash !== null && (settings.name !== undefined || settings.endpointName !== undefined))
      authorizeActor(actor, 'flow:publish', { type: 'flow', ...flow });
    const kept = redrawn || outdatesSource(settings) ? null : flow.sourceId;
    if (draft) await this.versions.add(writes, flow, flow.id, draft.version, flow.versionHash);
    await writes.flow.update({
      where: { id: flow.id },
      data: {
        ...settingColumns(settings),
        ...graphOf(draft),
        sourceId: sourceId ?? kept,
        updatedAt: new Date(),
      },
      select: { id: true },
    });
    const changed = [
      ...Object.keys(settings),
      ...(redrawn ? ['data'] : []),
      ...(resourced ? ['source'] : []),
    ];
    const version = draft?.version.versionHash ?? flow.versionHash;
    await this.tell(writes, actor, 'flow.update', { ...flow, ...settings }, version, { changed });
    return true;
  }

  /** Inserts a new row, or restores a deleted one, whose versions still exist. */
  private async make(
    writes: Writes,
    actor: Actor,
    id: string,
    wish: Wish,
    sourceId: string | undefined,
    deleted: FlowColumns | undefined,
  ): Promise<Saved> {
    const { organisationId, teamId, id: userId } = actor.principal;
    const { projectId } = wish;
    const draft = await this.compiling.move(wish.draft, organisationId, id);
    const wanted = { ...defaultSettings, ...wish.settings };
    const settings = await this.names.freeSettings(writes, actor.principal, { id, projectId }, wanted);
    const now = new Date();
    const row = {
      ...settingColumns({ ...settings, webhook: draft.hasWebhook }),
      projectId,
      userId,
      lastTestedVersion: wish.lastTestedVersion ?? null,
      allowedHosts: [],
      publishedHash: null,
      ...graphOf(draft),
      sourceId: sourceId ?? null,
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
    };
    const select = { id: true };
    if (deleted) await writes.flow.update({ where: { id }, data: row, select });
    else await writes.flow.create({ data: { id, organisationId, teamId, ...row }, select });
    const { versionHash } = draft.version;
    await this.versions.add(writes, { organisationId, teamId }, id, draft.version, deleted?.versionHash);
    const published = deleted?.publishedHash;
    if (published && published !== versionHash) await this.versions.endUse(writes, id, published);
    const detail = { imported: sourceId !== undefined };
    await this.tell(writes, actor, 'flow.create', { id, name: settings.name }, versionHash, detail);
    return { flowId: id, changed: true };
  }

  private async tell(
    writes: Writes,
    actor: Actor,
    action: string,
    { id, name }: { id: string; name: string },
    version: string,
    detail: Record<string, string[] | boolean>,
  ): Promise<void> {
    await tell(writes, [
      registryEvent(actor, { action, id, name, version, detail }, { id: newId(), at: new Date() }),
    ]);
  }
}

/** Checks that the actor may put flows into a project. @throws CausewayError PERMISSION_DENIED */
function checkMayWriteIn({ principal }: Actor, projectId: string): void {
  const reach = reachOf(principal, ['flow:write']);
  if (reach && !reach.projectIds.includes(projectId))
    throw causewayError('PERMISSION_DENIED', { permission: 'flow:write' });
}

/** The columns of a drawing. */
type GraphColumns = Pick<FlowColumns, 'versionHash' | 'data' | 'dataKeyId'>;

function graphOf(draft: Draft): GraphColumns;
function graphOf(draft: Draft | undefined): GraphColumns | undefined;
function graphOf(draft: Draft | undefined): GraphColumns | undefined {
  if (!draft) return undefined;
  const { version, sealedData } = draft;
  return { versionHash: version.versionHash, data: sealedData, dataKeyId: dataKeyOf(sealedData) };
}
