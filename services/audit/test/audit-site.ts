import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExportVerifier, type VerifyReport, readAuditKey } from '@causeway/audit-chain';
import { type AuditEvent, DEFAULT_TEAM_ID, appendAuditEvents, exportAuditEvents } from '@causeway/contracts';
import { type BootedService, bootService, testKeys } from '@causeway/platform/testing';
import { testDatabase, testNats } from '@causeway/testing';
import { Client } from 'pg';
import type { z } from 'zod';

/** A running audit service with a database of its own, which a test may change as nobody else may. */
export interface AuditSite {
  readonly audit: BootedService;
  /** As superuser, with the schema of audit. */
  readonly admin: Client;
  readonly objects: string;
  readonly databaseUrl: string;
  readonly settings: Record<string, string> & { CAUSEWAY_NATS_URL: string };
  close(): Promise<void>;
}

/** The key that signs in tests. */
export const auditKey = readAuditKey(testKeys['CAUSEWAY_AUDIT_SIGNING_KEY'] as string);

/** @param before  what to do in the migrated database before the service starts */
export async function openAuditSite(
  before: (admin: Client) => Promise<unknown> = async () => undefined,
): Promise<AuditSite> {
  const database = await testDatabase({ services: ['audit'] });
  const nats = await testNats();
  const admin = new Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query('set search_path to audit');
  await before(admin);
  const objects = mkdtempSync(join(tmpdir(), 'causeway-audit-'));
  const databaseUrl = database.urls['audit'] as string;
  const settings = {
    CAUSEWAY_NATS_URL: nats.url,
    CAUSEWAY_DATABASE_URL: databaseUrl,
    CAUSEWAY_OBJECT_STORE: objects,
    CAUSEWAY_AUDIT_CHECKPOINT_SECONDS: '0.2',
  };
  const audit = await bootService(new URL('../dist/main.js', import.meta.url), settings);
  return {
    audit,
    admin,
    objects,
    databaseUrl,
    settings,
    close: async () => {
      await audit.close();
      await admin.end();
      rmSync(objects, { recursive: true });
    },
  };
}

/** An event of a minute ago. */
export function anEvent(over: Partial<AuditEvent> = {}): AuditEvent {
  return {
    id: randomUUID(),
    at: new Date(Date.now() - 60_000).toISOString(),
    organisationId: randomUUID(),
    teamId: DEFAULT_TEAM_ID,
    actor: { kind: 'user', id: 'ada', name: 'Ada' },
    action: 'flow.create',
    object: { type: 'flow', id: 'f1', name: 'Chat' },
    result: 'succeeded',
    detail: { note: 'zwölf \u0000 \uD800' },
    ...over,
  };
}

/** Appends events in batches as outboxes do. */
export async function append(
  { audit }: Pick<AuditSite, 'audit'>,
  events: readonly AuditEvent[],
): Promise<void> {
  for (let at = 0; at < events.length; at += 500)
    await audit.bus.request(appendAuditEvents, {
      items: events.slice(at, at + 500).map((payload) => ({ id: payload.id, payload })),
    });
}

type Wanted = Partial<z.input<typeof exportAuditEvents.input>> & { readonly organisationId: string };

/** All lines of an export, by a reader of the whole organisation. */
export async function exportAll({ audit }: Pick<AuditSite, 'audit'>, wanted: Wanted): Promise<string[]> {
  const lines: string[] = [];
  let { after } = wanted;
  for (;;) {
    const part = await exportPart({ audit }, { ...wanted, ...(after !== undefined && { after }) });
    lines.push(...part.lines);
    if (part.next === undefined) return lines;
    after = part.next;
  }
}

/** One part of an export. */
export function exportPart(
  { audit }: Pick<AuditSite, 'audit'>,
  wanted: Wanted,
): Promise<{ lines: string[]; next?: string | undefined }> {
  const { organisationId, teamId = DEFAULT_TEAM_ID } = wanted;
  const permissions = ['audit:read' as const];
  const principal = {
    kind: 'user' as const,
    id: 'auditor',
    name: 'Auditor',
    organisationId,
    teamId,
    permissions,
    organisationPermissions: permissions,
  };
  const question = { scope: 'organisation' as const, ...wanted, teamId, principal };
  return audit.bus.request(exportAuditEvents, question);
}

/** Checks an export as the command line tool does. */
export function verify(lines: readonly string[], keys = [auditKey]): VerifyReport {
  const verifier = new ExportVerifier(keys);
  for (const line of lines) verifier.add(line);
  return verifier.end();
}

export const problemsOf = ({ findings }: VerifyReport): string[] => findings.map(({ problem }) => problem);
