import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuditEvent,
  appendAuditEvents,
  DEFAULT_ORGANISATION_ID,
  DEFAULT_TEAM_ID,
  type Flow,
  type Principal,
  type ReplyOf,
  type Tenant,
  getFlowSource,
  importFlows,
  permissions,
} from '@causeway/contracts';
import { Bus, FolderStore, type ObjectStore, SealedKind, type Vault, inlineText } from '@causeway/platform';
import { testDatabase, testNats } from '@causeway/testing';
import { Client } from 'pg';
import { afterAll } from 'vitest';
import {
  type BootedService,
  type StandInKeys,
  bootService,
  startKeyOwner,
  testVault,
} from '@causeway/platform/testing';

/** The started registry, and what it uses in production. */
export interface Registry {
  readonly service: BootedService;
  readonly bus: Bus;
  readonly vault: Vault;
  /** What hands out the data keys. */
  readonly keys: StandInKeys;
  readonly objects: ObjectStore;
  /** As superuser, with the registry's schema first. */
  readonly admin: Client;
  /** Imports a file's bytes. */
  import(
    bytes: string | Uint8Array,
    over?: Partial<Actor> & { fileName?: string; projectId?: string; asProject?: boolean },
  ): Promise<ReplyOf<typeof importFlows>>;
  /** The bytes of an export. */
  source(flowId: string, actor?: Actor): Promise<{ fileName: string; bytes: Buffer }>;
  /** The graph of a flow, as a caller gets it. */
  dataOf(flow: Flow): Promise<unknown>;
  /** Audit events about one object, oldest first. */
  told(objectId: string): Promise<AuditEvent[]>;
}

export interface Actor {
  readonly principal: Principal;
  readonly requestId: string;
}

export const tenant: Tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };

/** A principal of a team; without an argument of the default team. */
export function anActor(teamId = DEFAULT_TEAM_ID): Actor {
  const principal: Principal = {
    kind: 'user',
    id: randomUUID(),
    name: 'Ada',
    ...tenant,
    teamId,
    permissions: [...permissions],
  };
  return { principal, requestId: 'request-1' };
}

/** A principal of a new team with no other principals. */
export function aStranger(): Actor {
  return anActor(randomUUID());
}

/** A value of a variable, as the gateway sends it. */
export function givenValue(vault: Vault, value: string, teamId = DEFAULT_TEAM_ID): Promise<string> {
  const { organisationId } = tenant;
  return vault.seal(value, { organisationId, kind: SealedKind.given, id: teamId, part: 'variable' });
}

/** Starts the registry on servers of this test file's own. Call it at the file's top level. */
export async function startRegistry(settings: Record<string, string> = {}): Promise<Registry> {
  const database = await testDatabase({ services: ['flow-registry'] });
  const nats = await testNats();
  const folder = mkdtempSync(join(tmpdir(), 'causeway-registry-'));
  const environment = {
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_DATABASE_URL: database.urls['flow-registry'] as string,
    CAUSEWAY_OBJECT_STORE: folder,
    ...settings,
  };
  const keys = await startKeyOwner(nats.url);
  const service = await bootService(new URL('../dist/main.js', import.meta.url), environment);
  const admin = new Client({ connectionString: database.adminUrl, options: '-c search_path=flow_registry' });
  await admin.connect();
  afterAll(async () => {
    await service.close();
    await keys.stop();
    await admin.end();
    rmSync(folder, { recursive: true, force: true });
  });
  const { bus } = service;
  const objects = new FolderStore(folder);
  const vault = testVault();
  return {
    service,
    keys,
    bus,
    vault,
    objects,
    admin,
    import: async (bytes, over = {}) =>
      bus.request(importFlows, {
        ...anActor(),
        file: { inline: Buffer.from(bytes).toString('base64') },
        ...over,
      }),
    source: async (flowId, actor = anActor()) => {
      const { fileName, source } = await bus.request(getFlowSource, { ...actor, flowId });
      return { fileName, bytes: Buffer.from(inlineText(source), 'base64') };
    },
    dataOf: async ({ data }) => (data ? JSON.parse(inlineText(data)) : undefined),
    told: async (objectId) => {
      const { rows } = await admin.query<{ payload: string }>(
        'select payload from outbox where subject = $1 order by id',
        [appendAuditEvents.subject],
      );
      const events = rows.map(({ payload }) => AuditEvent.parse(JSON.parse(payload)));
      return events.filter(({ object }) => object.id === objectId);
    },
  };
}
