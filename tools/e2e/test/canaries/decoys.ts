import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { aFlow, waitFor } from '@causeway/testing';
import { Redis } from 'ioredis';
import { encodingsOf } from '../../src/find-canaries.js';
import type { Stack } from '../support/stack.js';
import { DECOY } from './planted.js';
import type { Watch } from './watch.js';

/** What was planted to be found. */
export interface Decoys {
  /** A process that has it in its environment and in its command line. */
  readonly pid: number;
  remove(): Promise<void>;
}

/**
 * Plants a text in each kind of place: where the platform itself puts texts of its callers, by asking it, and elsewhere as it would stand
 * there if the platform were wrong.
 */
export async function plantDecoys(
  { causeway, sql }: Stack,
  { planted, api, traces }: Watch,
): Promise<Decoys> {
  const decoy = planted.make(DECOY);
  // In tables, messages, the audit log and its exports, lists.
  await api.ask('POST', '/api/platform/v1/teams', { body: { name: decoy } });
  // In logs, an error answer, the header of a message, and in the audit log once the refusals before it are there too.
  const strangers = api.as(`sk-${randomUUID()}`);
  await strangers.send('GET', '/api/v1/projects/', { headers: { 'x-request-id': decoy } });
  // In a trace.
  const { id } = await api.importFlow(
    aFlow('Decoy')
      .node('ChatInput', { id: decoy })
      .node('ChatOutput', { id: 'Out' })
      .edge(decoy, 'message', 'Out', 'input_value')
      .build(),
  );
  await api.run(id, { input_value: 'x' });
  await waitFor(() => traces().some(({ text }) => text.includes(decoy)), { what: 'the traces' });
  await waitFor(
    async () => (await sql('SELECT FROM audit.event WHERE request_id = $1', [decoy])).length > 0,
    { what: 'the refusals in the audit log' },
  );

  await sql('CREATE TABLE public.decoy (name text, bytes bytea, json jsonb, list text[])');
  for (const form of encodingsOf(decoy))
    await sql(
      `INSERT INTO public.decoy VALUES ($1::text, convert_to($1::text, 'UTF8'), to_jsonb($1::text), ARRAY['x', $1::text])`,
      [form],
    );
  // So long that a dump of it would be compressed.
  const redis = new Redis(causeway.servers.redis.url);
  await redis.set('decoy', JSON.stringify({ text: `${'x'.repeat(1_000)}${decoy}` }));
  const file = join(causeway.home, 'objects/decoy');
  writeFileSync(file, Buffer.from(`bytes \0 ${Buffer.from(decoy).toString('base64')}`));
  const log = join(causeway.home, 'logs/decoy.log');
  appendFileSync(log, `{"msg":"it holds ${decoy}"}\n`);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', decoy], {
    env: { DECOY: decoy },
    stdio: 'ignore',
  });
  await once(child, 'spawn');
  return {
    pid: child.pid as number,
    remove: async () => {
      child.kill('SIGKILL');
      await redis.del('decoy');
      redis.disconnect();
      rmSync(file, { force: true });
      rmSync(log, { force: true });
      await sql('DROP TABLE public.decoy');
    },
  };
}
