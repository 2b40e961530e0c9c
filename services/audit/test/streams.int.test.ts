import { createHmac, randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AuditEvent,
  DEFAULT_TEAM_ID,
  deleteAuditStream,
  getAuditStream,
  putAuditStream,
} from '@causeway/contracts';
import { KeyExchange, aboutAuditStream, readSigningKey, readTrustedKeys } from '@causeway/platform';
import { testKeys } from '@causeway/platform/testing';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { anEvent, append, openAuditSite } from './audit-site.js';

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly events: readonly { readonly seq: number; readonly event: AuditEvent }[];
}

let got: Got[] = [];
let answer = (response: ServerResponse): unknown => response.end();
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    got.push({ headers: request.headers, body, events: JSON.parse(body).events });
    answer(response);
  });
}).listen(0, '127.0.0.1');
await new Promise((resolve) => receiver.once('listening', resolve));
const address = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;
const url = `http://${address}/hook`;
const site = await openAuditSite();
await site.audit.stop();
await site.audit.start({ CAUSEWAY_AUDIT_STREAM_ALLOW: address });
afterAll(async () => {
  await site.close();
  receiver.close();
  receiver.closeAllConnections();
});
beforeEach(() => {
  got = [];
  answer = (response) => response.end();
});

const asker = (organisationId: string, ofOrganisation = true) => ({
  organisationId,
  teamId: DEFAULT_TEAM_ID,
  principal: {
    kind: 'user' as const,
    id: 'owner',
    name: 'Owner',
    organisationId,
    teamId: DEFAULT_TEAM_ID,
    permissions: ['organisation:write' as const],
    ...(ofOrganisation && { organisationPermissions: ['organisation:write' as const] }),
  },
});
/** As the service that asks: a test signs with one key for all. */
const exchangeOf = (service: string): KeyExchange =>
  new KeyExchange(
    service,
    readSigningKey(testKeys['CAUSEWAY_SIGNING_KEY'] as string),
    readTrustedKeys(testKeys['CAUSEWAY_TRUSTED_KEYS'] as string),
  );
interface Putting {
  readonly url?: string;
  readonly from?: 'now' | 'beginning';
  readonly ofOrganisation?: boolean;
  readonly service?: string;
}
const put = async (
  organisationId: string,
  { service = 'gateway', ofOrganisation, ...more }: Putting = {},
): Promise<{ readonly reply: string; readonly secret: string }> => {
  const asked = { url, from: 'now' as const, ...more };
  const { question, open } = exchangeOf(service).ask('audit', aboutAuditStream({ organisationId, ...asked }));
  const input = { ...asker(organisationId, ofOrganisation), ...asked, question };
  const reply = await site.audit.bus.request(putAuditStream, input);
  return { reply: JSON.stringify(reply), secret: open(reply.answer).toString() };
};
const state = async (organisationId: string) =>
  (await site.audit.bus.request(getAuditStream, asker(organisationId))).stream;
const seqs = (): number[] => got.flatMap(({ events }) => events.map(({ seq }) => seq));
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);
const many = (organisationId: string, count: number): AuditEvent[] =>
  Array.from({ length: count }, () => anEvent({ organisationId }));

describe('a stream', () => {
  it('sends each event once and in order, signed over its raw body, from the beginning or from now on', async () => {
    const organisationId = randomUUID();
    await append(site, many(organisationId, 250));
    const { secret } = await put(organisationId, { from: 'beginning' });
    // With the event that tells of the stream.
    await expect.poll(seqs, { timeout: 10_000 }).toEqual(numbers(1, 251));
    const [first, ...rest] = got;
    expect(first?.events).toEqual([]);
    expect(rest.map(({ events }) => events.length)).toEqual([100, 100, 51]);
    for (const { headers, body } of got) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const hmac = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
        .update(signed)
        .digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${hmac}`);
      expect(Math.abs(Number(headers['webhook-timestamp']) * 1_000 - Date.now())).toBeLessThan(60_000);
    }
    await expect.poll(() => state(organisationId)).toMatchObject({ sentSeq: 251, lastSeq: 251, failures: 0 });
    got = [];
    await put(organisationId);
    await append(site, many(organisationId, 2));
    await expect.poll(seqs, { timeout: 10_000 }).toEqual([252, 253, 254]);
  });

  it('sends again what was not confirmed, later and later, and shows why', async () => {
    const organisationId = randomUUID();
    await put(organisationId);
    await expect.poll(seqs, { timeout: 10_000 }).toEqual([1]);
    answer = (response) => response.writeHead(503).end();
    got = [];
    await append(site, many(organisationId, 3));
    await expect
      .poll(() => state(organisationId), { timeout: 10_000 })
      .toMatchObject({ sentSeq: 1, failures: 2, lastError: 'it answers with status 503' });
    answer = (response) => response.end();
    await expect
      .poll(() => state(organisationId), { timeout: 15_000 })
      .toMatchObject({ sentSeq: 4, failures: 0, lastError: null });
    // At least once: the receiver sees the same id again.
    expect(new Set(got.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([`${organisationId}-2-4`]),
    );
  });

  it('is paused after too many tries, and an event tells of it', async () => {
    const organisationId = randomUUID();
    await put(organisationId);
    answer = (response) => response.writeHead(500).end();
    await site.admin.query('update event_stream set failures = 599 where organisation_id = $1', [
      organisationId,
    ]);
    await append(site, many(organisationId, 1));
    await expect.poll(async () => (await state(organisationId))?.pausedAt, { timeout: 10_000 }).toBeTruthy();
    const { rows } = await site.admin.query(
      `select action from event where organisation_id = $1 and action like 'audit_stream.%' order by time`,
      [organisationId],
    );
    expect(rows.map(({ action }) => action)).toEqual(['audit_stream.create', 'audit_stream.pause']);
  });

  it('ends when it is deleted', async () => {
    const organisationId = randomUUID();
    await put(organisationId);
    for (let time = 0; time < 2; time += 1)
      await site.audit.bus.request(deleteAuditStream, asker(organisationId));
    expect(await state(organisationId)).toBeNull();
  });

  it.each([
    ['http://127.0.0.1:1/x', 'it is not encrypted'],
    ['https://127.0.0.1:1/x', 'it is not a public address'],
    ['https://169.254.169.254/latest', 'it is not a public address'],
    ['https://[::ffff:10.0.0.1]/x', 'it is not a public address'],
    ['https://localhost/x', 'it is not a public address'],
    ['ftp://example.com/x', 'only https may be used'],
    ['https://me:secret@example.com/x', 'it holds a user name'],
  ])('cannot be set to %s', async (wrong, told) => {
    const refused = { code: 'AUDIT_STREAM_REFUSED', message: expect.stringContaining(told) };
    await expect(put(randomUUID(), { url: wrong })).rejects.toMatchObject(refused);
  });

  it('cannot be set to a receiver that does not take it, nor follows it elsewhere', async () => {
    answer = (response) => response.writeHead(307, { location: 'http://169.254.169.254/' }).end();
    await expect(put(randomUUID())).rejects.toMatchObject({
      message: expect.stringContaining('it answers with status 307'),
    });
    expect(got).toHaveLength(1);
  });

  it('N24: has a secret that only the asking process can read from the reply, and only the gateway may ask', async () => {
    const organisationId = randomUUID();
    const { reply, secret } = await put(organisationId);
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(reply).not.toContain(secret.slice('whsec_'.length, -2));
    await expect(put(organisationId, { service: 'scheduler' })).rejects.toMatchObject({
      cause: { code: 'SENDER_REFUSED' },
    });
    expect((await put(organisationId)).secret).not.toBe(secret);
  });

  it('is set and seen only by who may change the organisation', async () => {
    const denied = { code: 'PERMISSION_DENIED' };
    const somebody = asker(randomUUID(), false);
    await expect(site.audit.bus.request(getAuditStream, somebody)).rejects.toMatchObject(denied);
    await expect(put(somebody.organisationId, { ofOrganisation: false })).rejects.toMatchObject(denied);
    await expect(site.audit.bus.request(deleteAuditStream, somebody)).rejects.toMatchObject(denied);
  });
});
