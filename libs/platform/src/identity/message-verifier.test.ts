import { randomUUID } from 'node:crypto';
import { type Principal, getRun, request } from '@causeway/contracts';
import { SignJWT, decodeJwt } from 'jose';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { withContext } from '../context/context.js';
import { publicKeyOf, readSigningKey, readTrustedKeys } from './keys.js';
import { MessageSigner } from './message-signer.js';
import { MessageVerifier } from './message-verifier.js';

const seedOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const [gatewayKey, schedulerKey, strangerKey] = [1, 2, 3].map((byte) => readSigningKey(seedOf(byte)));
const [gateway, scheduler, stranger] = [gatewayKey, schedulerKey, strangerKey].map(
  (key) => new MessageSigner(key!),
);
const trusted = `gateway=${publicKeyOf(seedOf(1))},scheduler=${publicKeyOf(seedOf(2))}`;
const verifier = new MessageVerifier(readTrustedKeys(trusted));
const user: Principal = {
  kind: 'user',
  id: randomUUID(),
  name: 'Ann',
  organisationId: randomUUID(),
  teamId: randomUUID(),
  permissions: ['run:read'],
  grants: [],
};
const schema = { input: z.object({}), reply: z.object({}) };
const of = (owner: string, gatewayActsFor: 'caller' | 'itself' = 'caller') =>
  request(`req.${owner}.thing.get.v1`, { ...schema, from: ['gateway', 'scheduler'], gatewayActsFor });
const ofExecutor = of('executor');
afterEach(() => vi.useRealTimers());

test('a gateway speaks for the caller of the context, without grants, and any service for itself', async () => {
  const token = await withContext({ principal: user }, () => gateway!.sign('gateway', of('executor')));
  const { grants: _grants, ...known } = user;
  expect(await verifier.verify(token, ofExecutor)).toEqual({ service: 'gateway', principal: known });
  for (const [signer, service] of [
    [gateway, 'gateway'],
    [scheduler, 'scheduler'],
  ] as const)
    expect(await verifier.verify(await signer!.sign(service, of('executor')), ofExecutor)).toMatchObject({
      service,
      principal: { kind: 'system', id: service, permissions: [] },
    });
});

test('a gateway speaks for itself where the contract says so, whoever’s request it works for', async () => {
  const contract = of('executor', 'itself');
  const token = await withContext({ principal: user }, () => gateway!.sign('gateway', contract));
  expect((await verifier.verify(token, contract)).principal).toMatchObject({ kind: 'system', id: 'gateway' });
});

test('a service other than the gateway speaks for itself, whoever’s request it works for', async () => {
  const token = await withContext({ principal: user }, () => scheduler!.sign('scheduler', of('executor')));
  expect((await verifier.verify(token, ofExecutor)).principal.kind).toBe('system');
});

test('a token is made once for each principal and receiver, and again when it gets old', async () => {
  vi.useFakeTimers({ now: Date.now() });
  const sign = (audience: string): Promise<string> =>
    withContext({ principal: user }, () => gateway!.sign('gateway', of(audience)));
  const [first, again, other] = [await sign('audit'), await sign('audit'), await sign('scheduler')];
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  vi.advanceTimersByTime(21_000);
  expect(await sign('audit')).not.toBe(first);
});

test('a token that was valid is refused once it has expired, although it was remembered', async () => {
  vi.useFakeTimers({ now: Date.now() });
  const token = await gateway!.sign('gateway', of('executor'));
  await verifier.verify(token, ofExecutor);
  vi.advanceTimersByTime(66_000);
  await expect(verifier.verify(token, ofExecutor)).rejects.toMatchObject({ code: 'SENDER_REFUSED' });
});

const make = (claims: object, kid: string, key = schedulerKey!): Promise<string> =>
  new SignJWT({ iss: kid, aud: 'executor', ...claims })
    .setProtectedHeader({ alg: 'EdDSA', kid })
    .setExpirationTime('1m')
    .sign(key);
const none = (payload: object): string =>
  [{ alg: 'none', kid: 'gateway' }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.') + '.';

test.each<[string, () => Promise<string | undefined>]>([
  ['without a token', async () => undefined],
  ['with an empty token', async () => ''],
  ['with a token that is none', async () => 'a.b.c'],
  ['for another service', () => gateway!.sign('gateway', of('audit'))],
  ['of a service that nobody knows', () => stranger!.sign('stranger', of('executor'))],
  ['signed by somebody else in the gateway’s name', () => stranger!.sign('gateway', of('executor'))],
  ['signed by the scheduler in the gateway’s name', () => scheduler!.sign('gateway', of('executor'))],
  ['of a scheduler that names a user', () => make({ principal: user }, 'scheduler')],
  [
    'of a scheduler that names the gateway',
    () => make({ principal: { ...user, kind: 'system', id: 'gateway' } }, 'scheduler'),
  ],
  [
    'of a gateway that names another service',
    () => make({ principal: { ...user, kind: 'system', id: 'scheduler' } }, 'gateway', gatewayKey!),
  ],
  ['without a principal', () => make({}, 'gateway', gatewayKey!)],
  ['with a principal that is none', () => make({ principal: { kind: 'user' } }, 'gateway', gatewayKey!)],
  ['with another issuer than its key', () => make({ iss: 'gateway', principal: user }, 'scheduler')],
  ['without a signature', async () => none({ iss: 'gateway', aud: 'executor', exp: 9e9, principal: user })],
  [
    'with changed claims',
    async () => {
      const [head, , signature] = (await gateway!.sign('gateway', of('executor'))).split('.');
      const claims = { iss: 'gateway', aud: 'executor', exp: 9e9, principal: user };
      return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    },
  ],
  [
    'without an end',
    () =>
      new SignJWT({ iss: 'gateway', aud: 'executor', principal: user })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'gateway' })
        .sign(gatewayKey!),
  ],
])('a message %s is refused', async (_what, token) => {
  await expect(verifier.verify(await token(), ofExecutor)).rejects.toMatchObject({ code: 'SENDER_REFUSED' });
});

test('a service may send only what the contract lets it send', async () => {
  const token = await scheduler!.sign('scheduler', of('scheduler'));
  await expect(verifier.verify(token, getRun)).rejects.toMatchObject({
    message: expect.stringContaining('scheduler may not send it') as string,
  });
});

test('both keys of a service are trusted while one replaces the other', async () => {
  const both = new MessageVerifier(readTrustedKeys(`gateway=${publicKeyOf(seedOf(9))},${trusted}`));
  expect((await both.verify(await gateway!.sign('gateway', of('executor')), ofExecutor)).service).toBe(
    'gateway',
  );
});

test('a token is short enough for a header, for a principal with every permission and a long name', async () => {
  const { permissions } = await import('@causeway/contracts');
  const large = { ...user, name: '𝕏'.repeat(100), permissions: [...permissions], keyId: randomUUID() };
  const token = await withContext({ principal: large }, () => gateway!.sign('gateway', of('flow-registry')));
  expect(token.length).toBeLessThan(3_000);
  expect(decodeJwt(token)['aud']).toBe('flow-registry');
});
