import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { DEFAULT_ORGANISATION_ID } from '@causeway/contracts';
import { waitFor } from '@causeway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { Api } from '../support/api.js';
import { causewayCli } from '../support/cli.js';
import { echoFlow } from '../support/flows.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

interface Page {
  readonly items: readonly {
    readonly id: string;
    readonly action: string;
    readonly object: { readonly type: string; readonly id?: string; readonly name?: string };
    readonly teamId?: string;
    readonly code?: string;
    readonly count?: number;
  }[];
  readonly count?: { readonly events: number; readonly isMore: boolean };
}

/** The audit log through the public door: who may read what, exports that prove themselves, floods. */
export function auditStories({ api, causeway }: Stack): void {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-e2e-audit-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const query = (asker: Api, filter: string): Promise<Page> =>
    asker.ask('GET', `/api/platform/v1/audit/events?limit=500&${filter}`);
  const makeTeam = () =>
    api.ask<{ id: string }>('POST', '/api/platform/v1/teams', { body: { name: `Audit ${randomUUID()}` } });
  const cli = (...args: string[]) => causewayCli(api, args);
  /** Nobody listens there. */
  const offline = (...args: string[]) => causewayCli(new Api('http://127.0.0.1:9', undefined), args);

  describe('the audit log', () => {
    test('of a team is read by its admin, that of the organisation by an owner of it only', async () => {
      const team = await makeTeam();
      const { api: admin } = await newAccount(api, team.id, 'admin');
      const role = `auditor-${randomUUID()}`;
      await api.ask('PUT', `/api/platform/v1/roles/${role}`, { body: { permissions: ['audit:read'] } });
      const roleEvent = `action=role.*&object_id=${role}`;
      await waitFor(async () => (await query(api, `${roleEvent}&scope=organisation`)).items.length === 1);
      // A change of the organisation belongs to no team, not even to the one whose key made it.
      expect((await query(api, `${roleEvent}&scope=organisation`)).items[0]?.teamId).toBeUndefined();
      expect((await query(api, roleEvent)).items).toEqual([]);
      await waitFor(async () => (await query(admin, 'action=service_account.create')).items.length === 1);
      for (const path of ['events', 'export']) {
        const refused = await admin.send('GET', `/api/platform/v1/audit/${path}?scope=organisation`);
        expect([refused.status, refused.json().code]).toEqual([403, 'PERMISSION_DENIED']);
        const both = await api.send(
          'GET',
          `/api/platform/v1/audit/${path}?scope=organisation&team_id=${team.id}`,
        );
        expect(both.status).toBe(400);
      }
    });

    test('has refusals of strangers, of no team, and counts a flood of them', async () => {
      const path = '/api/platform/v1/runs';
      const since = new Date().toISOString();
      await Promise.all(Array.from({ length: 30 }, () => api.as('sk-nobody-has-this').send('GET', path)));
      const filter = `scope=organisation&action=request.refuse&object_id=${encodeURIComponent(`GET ${path}`)}&from=${since}&text=key_invalid`;
      await waitFor(async () => {
        const { items } = await query(api, filter);
        return items.reduce((sum, { count = 1 }) => sum + count, 0) === 30;
      });
      const { items, count } = await query(api, `${filter}&count=true`);
      expect(items).toHaveLength(11);
      expect(count).toEqual({ events: 11, isMore: false });
      expect(items.every(({ teamId }) => teamId === undefined)).toBe(true);
    });

    test('is exported, interrupted, resumed and proven with the command line tool, and a changed event is found', async () => {
      const [file, keys] = [join(folder, 'all.jsonl'), join(folder, 'keys.txt')];
      expect((await cli('audit', 'export', '--organisation', '--out', file)).code).toBe(0);
      const shown = await cli('audit', 'keys');
      const outside = join(causeway.home, 'objects/kept/audit');
      writeFileSync(keys, shown.stdout);
      const proven = await offline(
        'audit',
        'verify',
        file,
        '--public-key',
        keys,
        '--checkpoints',
        outside,
        '--json',
      );
      expect(JSON.parse(proven.stdout)).toMatchObject({
        isProven: true,
        isComplete: true,
        findings: [],
        organisationId: DEFAULT_ORGANISATION_ID,
      });
      const whole = readFileSync(file, 'utf8');
      const cursor = whole.indexOf('{"after":');
      if (cursor !== -1) {
        writeFileSync(file, whole.slice(0, whole.indexOf('\n', cursor) + 100));
        expect((await cli('audit', 'export', '--organisation', '--out', file)).code).toBe(0);
        const again = await offline('audit', 'verify', file, '--public-key', keys);
        expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^proven/)]);
      }
      const [, event = ''] = whole.split('\n').filter((line) => line.startsWith('{"event":'));
      writeFileSync(file, whole.replace(event, event.replace('"result":"succeeded"', '"result":"failed"')));
      const changed = await offline('audit', 'verify', file, '--public-key', keys);
      expect([changed.code, changed.stdout]).toEqual([
        1,
        expect.stringContaining('was changed: its hash is wrong'),
      ]);
    });

    test('names the flow of a run at its beginning and at its end', async () => {
      const { id } = await api.importFlow(echoFlow(`named ${randomUUID()}`));
      const { name } = await api.ask<{ name: string }>('GET', `/api/v1/flows/${id}`);
      const { runId = '' } = await api.run(id, { input_value: 'x' });
      await waitFor(async () => (await query(api, `run_id=${runId}`)).items.length === 2);
      const { items } = await query(api, `run_id=${runId}`);
      expect(items).toMatchObject([
        { action: 'run.finish', object: { type: 'flow', id, name } },
        { action: 'run.submit', object: { type: 'flow', id, name } },
      ]);
    });

    test('is exported as CSV, of one team as of all', async () => {
      const csv = await api.send('GET', '/api/platform/v1/audit/export?format=csv&action=flow.*');
      expect(csv.headers.get('content-type')).toContain('text/csv');
      const [header, first = ''] = csv.text.split('\n');
      expect(header).toMatch(/^seq,at,action,result,/);
      expect(first).toMatch(/^\d+,\d{4}-[^,]+,flow\.\w+,/);
    });
  });
}
