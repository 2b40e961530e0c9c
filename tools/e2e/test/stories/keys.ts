import { readFileSync } from 'node:fs';
import { waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import { DataKeys, MasterKeys, SealedKind, Vault, readMasterKeys } from '@causeway/platform';
import { Client } from 'pg';
import { StoredKeys } from '../../src/stored-keys.js';
import { causewayCli } from '../support/cli.js';
import { chatFlow, variableFlow } from '../support/flows.js';
import type { MasterKeyFile } from '../support/master-keys.js';
import { type Stack, databaseUrl } from '../support/stack.js';
import { processesOf } from './survival.js';

interface Status {
  readonly dataKeys: readonly { readonly id: string; readonly isCurrent: boolean }[];
  readonly masterKeyId: string;
  readonly resealing: readonly { readonly pending: number; readonly unreadable: number }[];
}

/** The keys that seal: who holds them, and that both can be replaced while runs go on. */
export function keyStories(stack: Stack, masters: MasterKeyFile): void {
  const { api, causeway } = stack;
  const status = async (): Promise<Status> => (await api.send('GET', '/api/platform/v1/secrets')).json();

  describe('keys', () => {
    test('of either kind are replaced under load, and an older master key is not needed any more', async () => {
      const { id: plain } = await api.importFlow(chatFlow('Not rotated'));
      const { id } = await api.importFlow(variableFlow('ROTATED_KEY', 'Rotated'));
      const made = await api.send('POST', '/api/v1/variables', {
        body: { name: 'ROTATED_KEY', value: 'rotated-key-0', type: 'Generic' },
      });
      const variable = made.json<{ id: string }>();
      const problems: string[] = [];
      let isOver = false;
      let count = 0;
      let last = '';
      const run = async (): Promise<void> => {
        while (!isOver) {
          const answer = await api.run(plain, { input_value: 'x' });
          count += 1;
          if (answer.status !== 200) problems.push(answer.text);
        }
      };
      const write = async (): Promise<void> => {
        for (let n = 1; !isOver; n++) {
          last = `rotated-key-${n}`;
          const body = { name: 'ROTATED_KEY', value: last, type: 'Generic' };
          const answer = await api.send('PATCH', `/api/v1/variables/${variable.id}`, { body });
          if (answer.status !== 200) problems.push(answer.text);
        }
      };
      const load = [run(), run(), run(), write()];
      const before = await status();
      for (let round = 0; round < 2; round++) {
        const rotated = await api.send('POST', '/api/platform/v1/secrets/rotate-data');
        expect([rotated.status, rotated.text]).toEqual([201, expect.stringContaining('"isCurrent":true')]);
        masters.add();
        const wrapped = await api.send('POST', '/api/platform/v1/secrets/rotate-master');
        expect(wrapped.json()).toMatchObject({ rewrapped: expect.any(Number) });
        masters.removeOlder();
      }
      const past = count;
      try {
        await waitFor(async () => (await status()).resealing.every(({ pending }) => pending === 0), {
          timeoutMs: 90_000,
          what: 'everything sealed with the new data key',
        });
        await waitFor(() => count > past + 10, { what: 'further runs' });
      } finally {
        isOver = true;
        await Promise.all(load);
      }
      expect(problems).toEqual([]);
      const after = await status();
      expect(after.dataKeys).toHaveLength(before.dataKeys.length + 2);
      expect(after.dataKeys.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
      expect(after.masterKeyId).not.toBe(before.masterKeyId);
      expect(after.masterKeyId).toBe(new MasterKeys(readMasterKeys(masters.newest())).newestId);
      expect(after.resealing.map(({ unreadable }) => unreadable)).toEqual(after.resealing.map(() => 0));
      // What was written last opens, for the run too; an executor trusts a value for a second.
      await waitFor(async () => (await api.run(id, { input_value: 'x' })).text.includes(last), {
        what: 'the last value in an answer',
      });
      for (const action of ['data_key.rotate', 'master_key.rotate', 'data_key.reseal']) {
        const path = `/api/platform/v1/audit/events?action=${action}`;
        await waitFor(async () => (await api.send('GET', path)).text.includes(`"${action}"`), {
          what: `${action} in the audit log`,
        });
      }
    });

    test('and what is left to do are shown by the command line tool', async () => {
      const shown = await causewayCli(api, ['secrets', 'status']);
      expect([shown.code, shown.stdout]).toEqual([
        0,
        expect.stringContaining('everything is sealed with the current data key'),
      ]);
      const rotated = await causewayCli(api, ['secrets', 'rotate-data']);
      expect([rotated.code, rotated.stdout]).toEqual([0, expect.stringContaining('seals from now on')]);
      const wrapped = await causewayCli(api, ['secrets', 'rotate-master', '--json']);
      expect(JSON.parse(wrapped.stdout)).toMatchObject({ rewrapped: 0 });
    });

    test('of the master kind are in no process but auth, and data keys are in no runner’s environment', async () => {
      const processes = Object.entries(await processesOf(stack));
      expect(processes.map(([name]) => name)).toEqual(
        expect.arrayContaining(['executor', 'runner 1', 'gateway']),
      );
      const client = new Client({ connectionString: databaseUrl(causeway) });
      await client.connect();
      const { rows } = await client.query<{ o: string; id: string }>(
        'SELECT organisation_id::text AS o, id::text AS id FROM auth.data_key',
      );
      const owner = new StoredKeys(client, masters.newest());
      const dataKeys: Buffer[] = [];
      for (const { o, id } of rows) dataKeys.push((await owner.dataKey(o, id)).key);
      await client.end();
      const texts = [...masters.all, ...dataKeys.map((key) => key.toString('base64'))];
      const ofExecutor = readFileSync(`/proc/${causeway.pids()['executor']}/environ`, 'latin1');
      const [, executorsKey = ''] = /\0CAUSEWAY_SIGNING_KEY=([^\0]+)/.exec(ofExecutor) ?? [];
      expect(executorsKey).toHaveLength(44);
      for (const [name, pid] of processes) {
        const environ = readFileSync(`/proc/${pid}/environ`, 'latin1');
        expect([name, texts.filter((text) => environ.includes(text))]).toEqual([name, []]);
        expect([name, environ.includes('CAUSEWAY_MASTER_KEY_FILE')]).toEqual([name, name === 'auth']);
        expect([name, environ.includes('CAUSEWAY_RUNNER_SIGNING_KEY')]).toEqual([name, name === 'executor']);
        expect([name, environ.includes(executorsKey)]).toEqual([name, name === 'executor']);
      }
    });

    test('bind what they seal to its row: a variable that is copied over another one does not open', async () => {
      const variables = ['COPIED_FROM', 'COPIED_TO'].map(async (name) => {
        const body = { name, value: `value of ${name}`, type: 'Generic' };
        return (await api.send('POST', '/api/v1/variables', { body })).json<{ id: string }>().id;
      });
      const [from, to] = await Promise.all(variables);
      await stack.sql(
        `UPDATE flow_registry.variable SET sealed_value = (SELECT sealed_value FROM flow_registry.variable WHERE id = $1) WHERE id = $2`,
        [from, to],
      );
      const listed = (await api.send('GET', '/api/v1/variables')).json<{ id: string; value: unknown }[]>();
      expect(listed.find(({ id }) => id === from)?.value).toBe('value of COPIED_FROM');
      expect(listed.find(({ id }) => id === to)?.value).toBeNull();
      const [row] = await stack.sql<{ sealed: string; o: string }>(
        'SELECT sealed_value AS sealed, organisation_id::text AS o FROM flow_registry.variable WHERE id = $1',
        [from],
      );
      const client = new Client({ connectionString: databaseUrl(causeway) });
      await client.connect();
      const vault = new Vault(new DataKeys(new StoredKeys(client, masters.newest())));
      const place = { organisationId: row?.o ?? '', kind: SealedKind.variable, id: from ?? '' };
      expect(await vault.open(row?.sealed ?? '', place)).toBe('value of COPIED_FROM');
      await client.end();
      for (const id of [from, to]) await api.send('DELETE', `/api/v1/variables/${id}`);
    });
  });
}
