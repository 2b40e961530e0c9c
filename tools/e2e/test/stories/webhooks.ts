import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@causeway/testing';
import { describe, expect, test } from 'vitest';
import type { Answer, Api } from '../support/api.js';
import { causewayCli } from '../support/cli.js';
import { echoFlow, webhookFlow } from '../support/flows.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

interface Made {
  readonly id: string;
  readonly path: string;
  readonly secret?: string;
}
interface Hook {
  readonly id: string;
  readonly flowId: string;
  readonly path: string;
  readonly secret: string;
}

const nowS = (): number => Math.floor(Date.now() / 1_000);

/** The headers of a signed request, as a sender makes them. */
function signed(
  secret: string,
  body: string,
  { id = `msg_${randomUUID()}`, at = nowS() } = {},
): Record<string, string> {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` };
}

/** A flow's own webhook, from outside. */
export function webhookStories({ api, causeway, sql }: Stack): void {
  /** Whoever sends events: they have no key. */
  const sender = api.as(undefined);
  const make = (flowId: string, body: object = {}, by: Api = api): Promise<Made> =>
    by.ask('PUT', `/api/platform/v1/flows/${flowId}/webhook`, { body });
  async function aHook(): Promise<Hook> {
    const { id: flowId } = await api.importFlow(webhookFlow());
    const { id, path, secret = '' } = await make(flowId);
    return { id, flowId, path, secret };
  }
  const send = ({ path, secret }: Hook, body = '{"order":7}', more: object = {}): Promise<Answer> =>
    sender.send('POST', path, { body, headers: { ...signed(secret, body), ...more } });
  const runOf = (answer: Answer): string => answer.json<{ run_id: string }>().run_id;
  const ended = async (runId: string) => {
    await waitFor(async () => (await api.getRun(runId)).status === 'succeeded');
    return api.getRun(runId);
  };
  const UNKNOWN = { status: 404, code: 'WEBHOOK_UNKNOWN' };
  const told = (answer: Answer) => ({ status: answer.status, code: answer.json().code });

  describe('a flow’s own webhook', () => {
    test('runs the flow without a key, and the audit log names the webhook', async () => {
      const hook = await aHook();
      expect(hook.path).toMatch(/^\/api\/platform\/v1\/hooks\/cw-hook-[\w-]{43}$/);
      const answer = await send(hook);
      expect(answer.status).toBe(202);
      const run = await ended(runOf(answer));
      expect(JSON.stringify(run.result)).toContain('order');
      await waitFor(async () => {
        const { items } = await api.ask<{ items: { actor: { kind: string }; action: string }[] }>(
          'GET',
          `/api/platform/v1/audit/events?object_id=${hook.flowId}`,
        );
        return items.some(({ actor, action }) => actor.kind === 'webhook' && action.startsWith('run.'));
      });
    });

    test('is shown once: neither the address nor the secret is stored or logged', async () => {
      const hook = await aHook();
      await send(hook);
      await sender.send('POST', `${hook.path}/more`);
      await sender.send('POST', hook.path, { body: 'unsigned' });
      const { webhook } = await api.ask<{ webhook: object }>(
        'GET',
        `/api/platform/v1/flows/${hook.flowId}/webhook`,
      );
      expect(Object.keys(webhook).toSorted()).toEqual(['createdAt', 'id', 'isSigned']);
      const token = hook.path.split('/').at(-1) ?? '';
      const rows = await sql(
        'SELECT f::text AS row FROM flow_registry.flow_hook f UNION ALL SELECT e::text FROM audit.event e',
      );
      const stored = JSON.stringify(rows);
      const log = readFileSync(join(causeway.home, 'logs/gateway.log'), 'utf8');
      for (const secret of [token, hook.secret, hook.secret.replace('whsec_', '')])
        for (const text of [stored, log]) expect(text.includes(secret)).toBe(false);
      expect(log).toContain('WEBHOOK_UNSIGNED');
    });

    test('is made by who may change and run the flow, and by nobody else', async () => {
      const { id: flowId } = await api.importFlow(webhookFlow());
      const [{ team_id: teamId }] = (await sql<{ team_id: string }>(
        'SELECT team_id FROM flow_registry.flow WHERE id = $1',
        [flowId],
      )) as [{ team_id: string }];
      for (const role of ['viewer', 'runner'])
        expect(
          await newAccount(api, teamId, role).then(({ api: one }) =>
            one.send('PUT', `/api/platform/v1/flows/${flowId}/webhook`, { body: {} }).then(told),
          ),
        ).toEqual({ status: 403, code: 'PERMISSION_DENIED' });
      const { api: editor } = await newAccount(api, teamId, 'editor', { place: { flowId } });
      expect((await make(flowId, {}, editor)).path).toMatch(/cw-hook-/);
      const { id: other } = await api.importFlow({ ...webhookFlow('Other'), id: randomUUID() });
      expect(
        told(await editor.send('PUT', `/api/platform/v1/flows/${other}/webhook`, { body: {} })),
      ).toMatchObject({
        status: 404,
      });
    });

    test('C43: an event that is sent again is the same run, however often', async () => {
      const hook = await aHook();
      const body = '{"order":8}';
      const headers = signed(hook.secret, body);
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => sender.send('POST', hook.path, { body, headers })),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
      expect(new Set(answers.map(runOf)).size).toBe(1);
      const later = await sender.send('POST', hook.path, {
        body,
        headers: signed(hook.secret, body, { id: headers['webhook-id'] ?? '' }),
      });
      expect([runOf(later), later.headers.get('idempotent-replay')]).toEqual([
        runOf(answers[0] as Answer),
        'true',
      ]);
      const other = '{"order":9}';
      const reused = await sender.send('POST', hook.path, {
        body: other,
        headers: signed(hook.secret, other, { id: headers['webhook-id'] ?? '' }),
      });
      expect(told(reused)).toEqual({ status: 422, code: 'IDEMPOTENCY_MISMATCH' });
      const [{ count }] = (await sql<{ count: number }>(
        'SELECT count(*)::int AS count FROM scheduler.run WHERE flow_id = $1',
        [hook.flowId],
      )) as [{ count: number }];
      expect(count).toBe(1);
    });

    test('C43: an event of another time, body, id or secret is refused', async () => {
      const hook = await aHook();
      const body = '{"order":7}';
      const good = signed(hook.secret, body);
      const { secret: foreign } = await aHook();
      const bad: [string, Record<string, string>][] = [
        [body, {}],
        [body, signed(hook.secret, body, { at: nowS() - 310 })],
        [body, signed(hook.secret, body, { at: nowS() + 310 })],
        ['{"order":70}', good],
        [body, { ...good, 'webhook-id': 'msg_other' }],
        [body, { ...good, 'webhook-timestamp': String(nowS() + 1) }],
        [body, { ...good, 'webhook-signature': '' }],
        [body, signed(foreign, body)],
        [body, signed(hook.path.split('/').at(-1) ?? '', body)],
      ];
      for (const [sent, headers] of bad)
        expect(told(await sender.send('POST', hook.path, { body: sent, headers }))).toEqual({
          status: 401,
          code: 'WEBHOOK_UNSIGNED',
        });
      for (const at of [nowS() - 290, nowS() + 290])
        expect(
          (await sender.send('POST', hook.path, { body, headers: signed(hook.secret, body, { at }) })).status,
        ).toBe(202);
    });

    test('N19: takes from a request nothing but its body', async () => {
      const hook = await aHook();
      const { id: other } = await api.importFlow({ ...echoFlow('Not this one'), id: randomUUID() });
      const body = JSON.stringify({
        flow: other,
        flowId: other,
        flow_id: other,
        principal: { kind: 'user', id: 'admin', permissions: ['flow:write'] },
        tweaks: { 'ChatOutput-2': { input_value: 'changed' } },
        files: { file: { filepath: '/etc/passwd', path: '/etc/passwd' } },
        session_id: 'theirs',
        stream: true,
        data: { nodes: [] },
      });
      for (const type of [
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=b',
      ]) {
        const answer = await send(hook, body, {
          'content-type': type,
          'x-langflow-global-var-openai_api_key': 'theirs',
          'idempotency-key': 'theirs',
          prefer: 'wait=1',
        });
        expect(answer.status).toBe(202);
        const [row] = await sql<{ flow_id: string; principal_id: string }>(
          'SELECT flow_id, principal_id FROM scheduler.run WHERE id = $1',
          [runOf(answer)],
        );
        expect(row).toEqual({ flow_id: hook.flowId, principal_id: hook.id });
      }
      expect(
        told(
          await sender.send('POST', `${hook.path}?flow=${other}`, {
            body: '{}',
            headers: signed(hook.secret, '{}'),
          }),
        ),
      ).toEqual({
        status: 400,
        code: 'REQUEST_INVALID',
      });
    });

    test('N20: does not exist under an address with a part left out or altered', async () => {
      const hook = await aHook();
      const token = hook.path.split('/').at(-1) ?? '';
      const last = token.endsWith('A') ? 'B' : 'A';
      for (const path of [
        hook.path.slice(0, -1),
        hook.path.slice(0, -1) + last,
        `${hook.path}A`,
        hook.path.replace(token, token.toUpperCase()),
        hook.path.replace('cw-hook-', ''),
        hook.path.replace(token, ''),
        hook.path.replace(token, hook.flowId),
        hook.path.replace(token, '%00'),
        hook.path.replace(token, encodeURIComponent(`${token}%`)),
        hook.path.replace('hooks', 'hook'),
        hook.path.replace('/v1', ''),
        hook.path.replace('/platform', ''),
        `${hook.path}/x`,
        `/api/v1/webhook/${token}`,
      ]) {
        const answer = await sender.send('POST', path, { body: '{}', headers: signed(hook.secret, '{}') });
        expect({ path, status: answer.status }).toEqual({ path, status: expect.toBeOneOf([400, 403, 404]) });
      }
      expect(told(await sender.send('GET', hook.path))).toEqual({ status: 404, code: 'ROUTE_UNKNOWN' });
    });

    test('ends within a second when it is replaced or ended, or its flow is deleted, and then was never there', async () => {
      const hooks = [await aHook(), await aHook(), await aHook()] as const;
      for (const hook of hooks) expect((await send(hook)).status).toBe(202);
      const [replaced, over, deleted] = hooks;
      await make(replaced.flowId);
      await api.ask('DELETE', `/api/platform/v1/flows/${over.flowId}/webhook`);
      await api.ask('DELETE', `/api/v1/flows/${deleted.flowId}`);
      const never = { ...over, path: over.path.slice(0, -4) + 'AAAA' };
      for (const hook of hooks) {
        await waitFor(async () => (await send(hook)).status === 404, { timeoutMs: 3_000 });
        expect(told(await send(hook))).toEqual(UNKNOWN);
      }
      const texts = await Promise.all([over, never].map(async (hook) => (await send(hook)).json().detail));
      expect(texts[0]).toBe(texts[1]);
    });

    test('is made, replaced, listed and ended from a shell', async () => {
      const { id, name } = await api.importFlow(webhookFlow(`Shell ${randomUUID()}`));
      const cli = (...args: string[]) => causewayCli(api, ['webhooks', ...args]);
      const parts = (stdout: string) =>
        /^url {5}(\S+)\nsecret {2}(whsec_\S+)\n$/.exec(stdout)?.slice(1) ?? [];
      const none = await cli('secret', name);
      expect(none.stderr).toContain(`npx causeway webhooks create ${name}`);
      const made = await cli('create', name);
      expect(made.stderr).toContain('shown only this once');
      const [url = '', secret = ''] = parts(made.stdout);
      const pathOf = (address: string): string => address.slice(api.url.length);
      const first = { id: '', flowId: id, path: pathOf(url), secret };
      expect((await ended(runOf(await send(first)))).status).toBe('succeeded');
      const twice = await cli('create', name);
      expect({ code: twice.code, isNamed: twice.stderr.includes('webhooks secret') }).toEqual({
        code: 1,
        isNamed: true,
      });
      const [url2 = '', secret2 = ''] = parts((await cli('secret', name)).stdout);
      await waitFor(async () => (await send(first)).status === 404, { what: 'the former address to end' });
      const second = { ...first, path: pathOf(url2), secret: secret2 };
      expect((await send(second)).status).toBe(202);
      expect((await send({ ...second, secret })).status).toBe(401);
      expect((await cli('list')).stdout).toMatch(new RegExp(`${name} +${id} +signed`));
      const deleted = await cli('delete', name);
      expect(deleted.stdout).toBe(`${name} has no webhook any more\n`);
      await waitFor(async () => (await send(second)).status === 404, { what: 'the address to end' });
      expect((await cli('list')).stdout).not.toContain(name);
      const open = JSON.parse((await cli('create', id, '--unsigned', '--json')).stdout) as Made;
      expect(open).toMatchObject({ flowId: id, isSigned: false });
      expect((await sender.send('POST', open.path, { body: '{}' })).status).toBe(202);
    });

    test('needs no signature when it was made so', async () => {
      const { id: flowId } = await api.importFlow(webhookFlow());
      const { path, secret } = await make(flowId, { signed: false });
      expect(secret).toBeUndefined();
      const answer = await sender.send('POST', path, { body: { order: 1 } });
      expect(answer.status).toBe(202);
      expect((await ended(runOf(answer))).status).toBe('succeeded');
    });
  });
}
