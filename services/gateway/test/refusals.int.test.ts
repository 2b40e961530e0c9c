import { DEFAULT_ORGANISATION_ID, DEFAULT_TEAM_ID, listAuditEvents } from '@causeway/contracts';
import type { AuditEvent } from '@causeway/contracts';
import { bootService } from '@causeway/platform/testing';
import { testDatabase, testNats } from '@causeway/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { startGateway } from './start-gateway.js';

const nats = await testNats();
const database = await testDatabase({ services: ['audit'] });
const audit = await bootService(new URL('../../audit/dist/main.js', import.meta.url), {
  CAUSEWAY_NATS_URL: nats.url,
  CAUSEWAY_DATABASE_URL: database.urls['audit'] as string,
});
const gateway = await startGateway(nats.url, { CAUSEWAY_MAX_BODY_BYTES: '2048' });
afterAll(async () => {
  await gateway.close();
  await audit.close();
});

async function told(): Promise<AuditEvent[]> {
  const tenant = { organisationId: DEFAULT_ORGANISATION_ID, teamId: DEFAULT_TEAM_ID };
  const permissions = ['audit:read'];
  const principal = {
    kind: 'user',
    id: 'reader',
    name: 'Reader',
    ...tenant,
    permissions,
    organisationPermissions: permissions,
  };
  const question = {
    ...tenant,
    scope: 'organisation' as const,
    action: 'request.refuse',
    page: { limit: 500 },
    principal,
  };
  return (await audit.bus.request(listAuditEvents, question)).items;
}

describe('a refusal before the caller is known', () => {
  it('is reported with its route: for the key before the body, and for a setting', async () => {
    await fetch(`${gateway.url}/api/v1/flows`);
    await fetch(`${gateway.url}/logs`);
    await fetch(`${gateway.url}/api/v1/run/x`, {
      method: 'POST',
      body: 'x'.repeat(3_000),
      headers: { 'content-type': 'application/json' },
    });
    await fetch(`${gateway.url}/api/v1/nothing`);
    await expect.poll(async () => (await told()).length).toBe(3);
    // Before a key is verified nobody knows the team.
    for (const { teamId } of await told()) expect(teamId).toBeUndefined();
    const events = (await told()).map(({ code, object, actor }) => [code, object.id, actor.kind]);
    expect(events.toSorted()).toEqual([
      ['KEY_MISSING', 'GET /api/v1/flows', 'anonymous'],
      ['KEY_MISSING', 'POST /api/v1/run/{flow}', 'anonymous'],
      ['LOGS_OFF', 'GET /logs', 'anonymous'],
    ]);
  });
});

describe('N14: the address in the audit log', () => {
  const addressOf = async (requestId: string): Promise<string | undefined> => {
    let event: AuditEvent | undefined;
    await expect
      .poll(async () => (event = (await told()).find((one) => one.requestId === requestId)))
      .toBeDefined();
    return event?.from?.address;
  };
  const forged = {
    'x-forwarded-for': '198.51.100.7, 203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'localhost',
    'x-real-ip': '198.51.100.7',
    forwarded: 'for=198.51.100.7;proto=https',
    'client-ip': '198.51.100.7',
  };

  it('is that of the connection, whatever an untrusted caller says', async () => {
    const response = await fetch(`${gateway.url}/api/v1/projects`, { headers: forged });
    expect(response.headers.get('strict-transport-security')).toBeNull();
    expect(await addressOf(response.headers.get('x-request-id') ?? '')).toBe('127.0.0.1');
  });

  it('is the last one that a trusted proxy did not write itself', async () => {
    const behind = await startGateway(nats.url, { CAUSEWAY_TRUST_PROXY: '127.0.0.1,203.0.113.0/24' });
    afterAll(() => behind.close());
    const response = await fetch(`${behind.url}/api/v1/projects`, { headers: forged });
    expect(await addressOf(response.headers.get('x-request-id') ?? '')).toBe('198.51.100.7');
    const spoofed = await fetch(`${behind.url}/api/v1/projects`, {
      headers: { 'x-forwarded-for': '127.0.0.1, 198.51.100.8' },
    });
    expect(await addressOf(spoofed.headers.get('x-request-id') ?? '')).toBe('198.51.100.8');
  });
});

describe('refusals while the audit log does not answer', () => {
  it('wait, and arrive once it is back', async () => {
    await audit.stop();
    for (let time = 0; time < 3; time += 1) await fetch(`${gateway.url}/api/v1/projects`);
    await audit.start();
    const waited = async (): Promise<number> =>
      (await told()).filter(({ object }) => object.id === 'GET /api/v1/projects').length;
    await expect.poll(waited, { timeout: 20_000 }).toBe(3);
  });

  it('arrive within a second otherwise', async () => {
    const before = Date.now();
    await fetch(`${gateway.url}/api/v2/files`);
    const arrived = async (): Promise<number> =>
      (await told()).filter(({ object }) => object.id === 'GET /api/v2/files').length;
    await expect.poll(arrived, { interval: 50 }).toBe(1);
    const [event] = (await told()).filter(({ object }) => object.id === 'GET /api/v2/files');
    expect(Date.parse(event?.at ?? '')).toBeGreaterThanOrEqual(before);
  });
});

describe('a flood of refusals', () => {
  it('is reported to the last one by a gateway that stops', async () => {
    await Promise.all(Array.from({ length: 45 }, () => fetch(`${gateway.url}/api/v1/variables`)));
    await gateway.stop();
    const flood = (await told()).filter(({ object }) => object.id === 'GET /api/v1/variables');
    expect(flood.map(({ count = 1 }) => count).toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 10 }, () => 1),
      35,
    ]);
  });
});
