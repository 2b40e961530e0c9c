import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openHome } from '../src/home.js';
import { type Servers, startServers } from '../src/servers/start-servers.js';

const home = openHome(mkdtempSync(join(tmpdir(), 'causeway-logins-')), true);
const opened: NatsConnection[] = [];
let servers: Servers;
beforeAll(async () => {
  servers = await startServers(home, () => {});
});
afterAll(async () => {
  await Promise.all(opened.map((connection) => connection.close()));
  await servers.stop();
  for (const folder of [home.postgresFolder, home.folder]) rmSync(folder, { recursive: true, force: true });
});

interface Login {
  readonly nats: NatsConnection;
  /** What the server has refused. */
  readonly refused: string[];
}

/** Connects with the login of a service, as that service does. */
async function loginOf(service: string): Promise<Login> {
  const { host, username, password } = new URL(servers.natsUrlOf(service));
  expect(username).toBe(service);
  const inboxPrefix = `_INBOX_${service.replaceAll('-', '_').toUpperCase()}`;
  const nats = await connect({ servers: host, user: username, pass: password, inboxPrefix });
  opened.push(nats);
  const refused: string[] = [];
  void (async () => {
    for await (const status of nats.status()) if (status.type === 'error') refused.push(String(status.error));
  })();
  return { nats, refused };
}

const hears = async ({ nats, refused }: Login, subject: string): Promise<boolean> => {
  nats.subscribe(subject, { callback: () => {} });
  await nats.flush();
  // The refusal of a subscription comes before the answer to the flush.
  return !(await vi.waitUntil(() => refused.length > 0, { timeout: 300 }).catch(() => false));
};

test('a service that no contract names has no login', () => {
  expect(() => servers.natsUrlOf('stranger')).toThrow('bus-permissions.json has no entry for stranger');
});

describe('the NATS login of a service', () => {
  test('sends its requests, and gets the reply in its own inbox', async () => {
    const [gateway, auth] = [await loginOf('gateway'), await loginOf('auth')];
    auth.nats.subscribe('req.auth.key.verify.v1', {
      queue: 'auth',
      callback: (_error, message) => void message.respond('yes'),
    });
    await auth.nats.flush();
    expect((await gateway.nats.request('req.auth.key.verify.v1', '?')).string()).toBe('yes');
    expect([...gateway.refused, ...auth.refused]).toEqual([]);
  });

  test.each([
    ['executor', 'req.auth.key.create.v2'],
    ['executor', 'req.auth.role.put.v1'],
    ['auth', 'req.flow-registry.variable.values.v1'],
    ['scheduler', 'req.flow-registry.variable.values.v1'],
    ['gateway', 'req.flow-registry.variable.values.v1'],
    ['gateway', 'req.scheduler.run.report.v1'],
    ['gateway', 'cmd.executor.run.claim.v1'],
    ['audit', 'cmd.executor.run.claim.v1'],
    ['executor', 'live.auth.key.changed.v1'],
    ['gateway', 'live.executor.run.emitted.v1.some-run'],
    ['auth', '$JS.API.STREAM.DELETE.CMD_EXECUTOR'],
    ['scheduler', '$JS.API.STREAM.DELETE.CMD_EXECUTOR'],
    ['executor', '$JS.API.STREAM.PURGE.CMD_EXECUTOR'],
    ['scheduler', '$JS.API.CONSUMER.MSG.NEXT.CMD_EXECUTOR.executor_run_claim_v1'],
    ['executor', '_INBOX_GATEWAY.guessed'],
    ['executor', 'live.executor.run.emitted.v1.some-run'],
    ['executor', 'req.flow-registry.variable.values.v1'],
    ['executor-runner', 'req.auth.data-key.get.v1'],
    ['executor-runner', 'req.auth.old-value.open.v1'],
    ['executor-runner', 'live.executor.run.cancel_requested.v1'],
    ['executor-runner', '_INBOX_EXECUTOR.guessed'],
  ])('of %s cannot send %s', async (service, subject) => {
    const everything = new URL(servers.nats.url);
    const all = await connect({
      servers: everything.host,
      user: everything.username,
      pass: everything.password,
    });
    opened.push(all);
    let heard = 0;
    all.subscribe(subject, { callback: () => void heard++ });
    await all.flush();
    const login = await loginOf(service);
    login.nats.publish(subject, '{}', { reply: `_INBOX_${service.toUpperCase()}.x` });
    await vi.waitUntil(() => login.refused.length > 0, { timeout: 5_000 });
    expect(login.refused.join()).toContain('Permissions Violation for Publish');
    await all.flush();
    expect(heard).toBe(0);
  });

  test.each([
    ['auth', '>'],
    ['executor', '_INBOX.>'],
    ['executor', '_INBOX_GATEWAY.>'],
    ['scheduler', 'req.auth.key.verify.v1'],
    ['executor', 'req.auth.>'],
    ['scheduler', 'live.executor.run.emitted.v1.*'],
    ['audit', 'live.auth.key.changed.v1'],
    ['gateway', '$JS.>'],
    ['gateway', '$SYS.>'],
    ['gateway', 'cmd.executor.>'],
    ['executor-runner', 'req.executor.run.get.v1'],
    ['executor-runner', 'req.executor.>'],
    ['executor-runner', '_INBOX_EXECUTOR.>'],
    ['executor-runner', 'live.auth.data-key.changed.v1'],
  ])('of %s cannot listen to %s', async (service, subject) => {
    expect(await hears(await loginOf(service), subject)).toBe(false);
  });

  test('hears what the contracts say that it may hear', async () => {
    expect(await hears(await loginOf('gateway'), 'live.executor.run.emitted.v1.a-run')).toBe(true);
  });

  test('answers each request once', async () => {
    const [gateway, auth] = [await loginOf('gateway'), await loginOf('auth')];
    auth.nats.subscribe('req.auth.team.list.v1', {
      callback: (_error, message) => {
        message.respond('first');
        message.respond('second');
      },
    });
    await auth.nats.flush();
    expect((await gateway.nats.request('req.auth.team.list.v1', '?')).string()).toBe('first');
    await vi.waitUntil(() => auth.refused.length > 0, { timeout: 5_000 });
  });
});
