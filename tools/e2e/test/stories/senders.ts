import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DEFAULT_TEAM_ID, createKey, getFlow, getPlan, getProject, listFlows } from '@causeway/contracts';
import type { Principal, RequestContract } from '@causeway/contracts';
import { newApiKey } from '@causeway/platform';
import { type NatsConnection, connect, headers } from '@nats-io/transport-node';
import { SignJWT, decodeJwt, importPKCS8 } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { echoFlow } from '../support/flows.js';
import { OAuthProgram, type Registered, TokenApi } from '../support/oauth-client.js';
import { newAccount } from '../support/service-account.js';
import type { Stack } from '../support/stack.js';

const SENDER = 'Causeway-Sender';

/** Somebody who may do everything on NATS, and has the signing key of a service that is not the gateway. */
export function senderStories({ api, causeway }: Stack): void {
  let nats: NatsConnection;
  let registryKey: Awaited<ReturnType<typeof importPKCS8>>;
  beforeAll(async () => {
    const { host, username, password } = new URL(causeway.servers.nats.url);
    nats = await connect({ servers: host, user: username, pass: decodeURIComponent(password) });
    registryKey = await keyOf(causeway.pids()['flow-registry'] ?? 0);
  });
  afterAll(() => nats.close());

  /** The code of the error that answers a message; `done` when it is no error. */
  async function send(contract: RequestContract, message: object, token?: string): Promise<string> {
    const marked = headers();
    if (token !== undefined) marked.append(SENDER, token);
    const reply = await nats.request(contract.subject, JSON.stringify(message), {
      headers: marked,
      timeout: 30_000,
    });
    return reply.headers?.get('Causeway-Error') || 'done';
  }

  /** The token of a request of the gateway that is caught on its way. */
  async function caught(contract: RequestContract, act: () => Promise<unknown>): Promise<string> {
    let token = '';
    const listening = nats.subscribe(contract.subject, {
      callback: (_error, message) => void (token = message.headers?.get(SENDER) ?? ''),
    });
    await nats.flush();
    await act();
    await nats.flush();
    listening.unsubscribe();
    return token;
  }

  const signedAs = (iss: string, aud: string, principal: Principal): Promise<string> =>
    new SignJWT({ iss, aud, principal })
      .setProtectedHeader({ alg: 'EdDSA', kid: iss })
      .setExpirationTime('1m')
      .sign(registryKey);

  describe('a message between services', () => {
    test('N49: is refused without the signature of a service that may send it, for whomever it speaks', async () => {
      const { id } = await api.importFlow(echoFlow(randomUUID()));
      const read = (): Promise<unknown> => api.ask('GET', `/api/v1/flows/${id}`);
      const token = await caught(getFlow, read);
      const { principal } = decodeJwt<{ principal: Principal }>(token);
      const { organisationId, teamId } = principal;
      const tenant = { organisationId, teamId };
      const { secret: _secret, ...stored } = newApiKey();
      const ask = { principal, requestId: 'r', name: 'forged', ...stored };
      const own = { ...principal, kind: 'system' as const, id: 'flow-registry' };
      expect({
        'not signed': await send(createKey, ask),
        'of the registry for itself': await send(
          createKey,
          ask,
          await signedAs('flow-registry', 'auth', own),
        ),
        'of the registry for a caller': await send(
          createKey,
          ask,
          await signedAs('flow-registry', 'auth', principal),
        ),
        'of the registry in the gateway’s name': await send(
          createKey,
          ask,
          await signedAs('gateway', 'auth', principal),
        ),
        'caught on its way to the registry': await send(createKey, ask, token),
        'caught, for another team': await send(
          getFlow,
          { ...tenant, teamId: randomUUID(), flowId: id },
          token,
        ),
        'caught, for what only the executor may ask': await send(
          getPlan,
          { ...tenant, flowId: id, versionHash: 'v' },
          token,
        ),
      }).toEqual({
        'not signed': 'SENDER_REFUSED',
        'of the registry for itself': 'SENDER_REFUSED',
        'of the registry for a caller': 'SENDER_REFUSED',
        'of the registry in the gateway’s name': 'SENDER_REFUSED',
        'caught on its way to the registry': 'SENDER_REFUSED',
        'caught, for another team': 'SENDER_REFUSED',
        'caught, for what only the executor may ask': 'SENDER_REFUSED',
      });
      expect(await send(getFlow, { ...tenant, flowId: id }, token)).toBe('done');
      expect((await api.send('GET', '/api/v1/api_key')).text).not.toContain('forged');
    });

    test('never holds a new key, neither on its way to auth nor back', async () => {
      const heard: string[] = [];
      const listening = nats.subscribe('>', {
        callback: (_error, message) => void heard.push(message.string()),
      });
      await nats.flush();
      const name = `unheard ${randomUUID()}`;
      const { api_key: key } = await api.ask<{ api_key: string }>('POST', '/api/v1/api_key', {
        body: { name },
      });
      await api.as(key).ask('GET', '/api/platform/v1/access');
      await nats.flush();
      listening.unsubscribe();
      const messages = heard.join('\n');
      expect(messages).toContain(name);
      expect(messages).not.toContain(key);
    });

    test('never holds a token, or the secret of a client, in any request to the authorization server', async () => {
      const heard: string[] = [];
      const listening = nats.subscribe('>', {
        callback: (_error, message) => void heard.push(message.string()),
      });
      await nats.flush();
      const { id: accountId } = await newAccount(api, DEFAULT_TEAM_ID, 'viewer');
      const path = `/api/platform/v1/service-accounts/${accountId}/clients`;
      const name = `unheard ${randomUUID()}`;
      const client = await api.ask<Registered>('POST', path, { body: { name } });
      const program = new OAuthProgram(api, client);
      const { access_token: token } = await program.own();
      await program.post('/oauth/introspect', { token });
      await new TokenApi(api.url, token).ask('GET', '/api/platform/v1/self');
      await program.post('/oauth/revoke', { token });
      await nats.flush();
      listening.unsubscribe();
      const messages = heard.join('\n');
      expect(messages).toContain(name);
      const basic = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
      for (const secret of [token, client.secret, basic]) expect(messages).not.toContain(secret);
    });

    test('says what the caller may do, and the service that owns the object decides by that too', async () => {
      const { api_key: key } = await api.ask<{ api_key: string }>('POST', '/api/v1/api_key', {
        body: { name: 'narrow', permissions: ['flow:read'] },
      });
      const narrow = api.as(key);
      const token = await caught(listFlows, () => narrow.ask('GET', '/api/v1/flows/?header_flows=true'));
      const { principal, exp = 0 } = decodeJwt<{ principal: Principal }>(token);
      expect(principal).toMatchObject({ permissions: ['flow:read'] });
      expect(principal).not.toHaveProperty('grants');
      expect(exp - Date.now() / 1000).toBeLessThan(61);
      const { organisationId, teamId } = principal;
      const project = { organisationId, teamId, projectId: randomUUID() };
      expect(await send(getProject, project, token)).toBe('PERMISSION_DENIED');
    });
  });
}

/** The key with which a running service signs. */
function keyOf(pid: number): ReturnType<typeof importPKCS8> {
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const seed = environment.find((pair) => pair.startsWith('CAUSEWAY_SIGNING_KEY='))?.split('=', 2)[1] ?? '';
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  const der = Buffer.concat([prefix, Buffer.from(seed, 'base64')]).toString('base64');
  return importPKCS8(`-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----`, 'EdDSA');
}
