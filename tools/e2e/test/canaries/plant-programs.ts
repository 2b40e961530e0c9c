import { createHmac, randomUUID } from 'node:crypto';
import { type Api } from '../support/api.js';
import { webhookFlow } from '../support/flows.js';
import { invitedPerson } from '../support/invited-person.js';
import { OAuthProgram, type Registered, TokenApi, given } from '../support/oauth-client.js';
import { newAccount } from '../support/service-account.js';
import type { Planted } from './planted.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const PAGE = 'https://www.shop.example';

/** Keys are made, used, replaced and revoked, and those that never were are refused. */
export async function plantKeys(api: Api, planted: Planted, teamId: string): Promise<void> {
  const { id, api_key: own } = await api.ask<{ id: string; api_key: string }>('POST', '/api/v1/api_key', {
    body: { name: 'canary' },
  });
  const successor = await api.ask<{ api_key: string }>('POST', `/api/platform/v1/keys/${id}/successor`, {
    body: { overlapS: 0 },
  });
  const account = await newAccount(api, teamId, 'editor');
  for (const key of [own, successor.api_key, account.api.key]) planted.add('API key', key);
  for (const key of [own, successor.api_key, account.api.key]) await useKey(api, key ?? '');
  await useKey(api, `sk-${planted.make('API key')}`);

  const { id: flowId } = await api.importFlow(webhookFlow(`Canary ${randomUUID()}`));
  const runner = await newAccount(api, teamId, 'runner', {
    place: { flowId },
    key: { origins: [PAGE], permissions: ['flow:run'] },
  });
  planted.add('key of a page', runner.api.key);
  for (const origin of [PAGE, 'https://elsewhere.example'])
    await runner.api.run(flowId, { input_value: 'x' }, { origin });
  await useKey(api, runner.api.key ?? '');
}

/** A key in each place where programs send one. */
async function useKey(api: Api, key: string): Promise<void> {
  const nobody = api.as(undefined);
  const path = '/api/v1/flows/';
  await api.as(key).send('GET', path);
  await nobody.send('GET', `${path}?x-api-key=${key}`);
  await nobody.send('GET', path, { headers: { authorization: `Bearer ${key}` } });
  await nobody.send('GET', `${path}${key}`);
}

/** A program with a secret of its own gets tokens for a service account. */
export async function plantClient(api: Api, planted: Planted, teamId: string): Promise<void> {
  const account = await newAccount(api, teamId, 'editor');
  const path = `/api/platform/v1/service-accounts/${account.id}/clients`;
  const client = await api.ask<Registered>('POST', path, { body: { name: 'a program' } });
  const renewed = await api.ask<Registered>('POST', `/api/platform/v1/clients/${client.id}/secret`);
  planted.add('API key', account.api.key);
  const form = { grant_type: 'client_credentials' };
  for (const { secret } of [client, renewed]) {
    planted.add('client secret', secret);
    const program = new OAuthProgram(api, { id: client.id, ...(secret !== undefined && { secret }) });
    const { access_token: token } = await program.own();
    planted.add('access token', token);
    await new TokenApi(api.url, token).send('GET', '/api/v1/flows/');
    await program.post('/oauth/introspect', { token });
    await program.post('/oauth/revoke', { token });
    await new TokenApi(api.url, token).send('GET', '/api/v1/flows/');
    await program.post('/oauth/token', form, `cp-${planted.make('client secret')}`);
  }
  await new TokenApi(api.url, `ct-${planted.make('access token')}`).send('GET', '/api/v1/flows/');
}

/** A person lets a program act for them, by a redirect and by a code that they type. */
export async function plantGrants(api: Api, planted: Planted, teamId: string): Promise<void> {
  const { who, password } = await invitedPerson(api, teamId, 'admin');
  planted.add('password', password);
  planted.add('session', who.cookie.value);
  const { visitor } = who;
  const redirectUris = ['http://127.0.0.1:4711/back'];
  const client = await api.ask<Registered>('POST', '/api/platform/v1/clients', {
    body: { name: `Canary ${randomUUID()}`, kind: 'confidential', redirectUris },
  });
  const program = new OAuthProgram(api, client);
  planted.add('client secret', client.secret);
  planted.add('PKCE verifier', program.verifier);
  const back = await program.ask(visitor, 'openid profile flow:read');
  const code = back.searchParams.get('code') ?? '';
  planted.add('authorization code', code);
  await program.redeem(code, { code_verifier: 'x'.repeat(43) });
  const second = (await program.ask(visitor, 'openid profile flow:read')).searchParams.get('code') ?? '';
  planted.add('authorization code', second);
  const tokens = given(await program.redeem(second));
  const renewed = given(await program.refresh(tokens.refresh_token));
  for (const one of [tokens, renewed]) {
    planted.add('access token', one.access_token);
    planted.add('refresh token', one.refresh_token);
    planted.add('ID token', one.id_token);
    await new TokenApi(api.url, one.access_token).send('GET', '/api/v1/flows/');
  }
  // Both are used a second time, and a token of one kind as one of another.
  await program.redeem(second);
  await program.refresh(tokens.refresh_token);
  for (const wrong of [tokens.refresh_token, tokens.id_token, second])
    await new TokenApi(api.url, wrong ?? '').send('GET', '/api/v1/flows/');

  const terminal = await api.ask<Registered>('POST', '/api/platform/v1/clients', {
    body: { name: `Canary ${randomUUID()}`, kind: 'public', redirectUris: [], deviceFlow: true },
  });
  const device = new OAuthProgram(api, terminal);
  const asked = await device.post('/oauth/device_authorization', { scope: 'flow:read' });
  const { device_code: deviceCode = '', user_code: userCode = '' } = asked.json<Record<string, string>>();
  planted.add('device code', deviceCode);
  planted.add('user code', userCode);
  planted.add('user code', userCode.replace('-', ''));
  const redeem = () => device.post('/oauth/token', { grant_type: DEVICE_GRANT, device_code: deviceCode });
  await redeem();
  await visitor.get(`${api.url}/device?user_code=BBBB-BBBB`);
  await who.submit(`/device?user_code=${userCode}`, '/device', { decision: 'allow', teamId });
  planted.add('access token', given(await redeem()).access_token);
  await redeem();
}

/** The provider of a connection sends people. */
export async function plantScim(api: Api, planted: Planted, connection: string): Promise<void> {
  const path = `/api/platform/v1/connections/${connection}/scim/tokens`;
  const { token } = await api.ask<{ token: string }>('POST', path);
  planted.add('SCIM token', token);
  const scim = new TokenApi(api.url, token);
  await scim.ask('POST', '/scim/v2/Users', { body: { userName: `${randomUUID()}@canaries.example` } });
  await scim.send('GET', '/scim/v2/Nothing');
  await scim.send('GET', '/api/v1/flows/');
  await new TokenApi(api.url, `cm-${planted.make('SCIM token')}`).send('GET', '/scim/v2/Users');
}

/** Somebody without a key runs a flow by its webhook. */
export async function plantWebhook(api: Api, planted: Planted): Promise<void> {
  const { id } = await api.importFlow(webhookFlow(`Canary ${randomUUID()}`));
  const { path, secret } = await api.ask<{ path: string; secret: string }>(
    'PUT',
    `/api/platform/v1/flows/${id}/webhook`,
    { body: {} },
  );
  planted.add('address of a webhook', path.split('/').at(-1));
  plantSecret(planted, 'secret of a webhook', secret);
  const sender = api.as(undefined);
  const [event, at, body] = [`msg_${randomUUID()}`, String(Math.floor(Date.now() / 1_000)), '{"order":7}'];
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${event}.${at}.${body}`).digest('base64');
  planted.add('signature of a webhook', signature);
  const headers = { 'webhook-id': event, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` };
  await sender.send('POST', path, { body, headers });
  await sender.send('POST', path, { body });
  await sender.send('POST', `${path}/more`, { body, headers });
  await sender.send('GET', path);
  await sender.send('POST', path.replace(/[^/]+$/, `cw-hook-${planted.make('address of a webhook')}`), {
    body,
  });
}

/** The events of the organisation are sent to a receiver. */
export async function plantAuditStream(api: Api, planted: Planted, url: string): Promise<void> {
  const path = '/api/platform/v1/audit/stream';
  const { secret } = await api.ask<{ secret: string }>('PUT', path, { body: { url } });
  plantSecret(planted, 'secret of an audit stream', secret);
  await api.send('PUT', path, { body: { url: 'http://127.0.0.1:9/nobody' } });
  await api.ask('DELETE', path);
}

/** A secret as it is shown, and the key that it stands for. */
function plantSecret(planted: Planted, kind: string, secret: string): void {
  const base64 = secret.replace('whsec_', '');
  planted.add(kind, base64);
  planted.add(kind, Buffer.from(base64, 'base64'));
}
