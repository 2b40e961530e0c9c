import { randomUUID } from 'node:crypto';
import {
  type Page,
  type Person,
  Visitor,
  findForms,
  startIdentityProvider,
  startSamlProvider,
  submitSignIn,
} from '@causeway/identity-provider';
import { type TOTP, URI } from 'otpauth';
import type { Answer, Api } from '../support/api.js';
import { SignedIn } from '../support/signed-in.js';
import type { Planted } from './planted.js';

/** A connection to a provider that has stopped, and what its client is called there. */
export interface Connected {
  readonly connection: string;
}

const PASSWORD_OF_PROVIDER = 'a password for tests';

const aPerson = (): Person => {
  const subject = randomUUID();
  const email = `${subject.slice(0, 8)}@canaries.example`;
  return { subject, name: `Cane ${subject.slice(0, 8)}`, email, groups: [], password: PASSWORD_OF_PROVIDER };
};

/** A person comes by an invitation and has a password, a session, and an authenticator. */
export async function plantPassword(api: Api, planted: Planted, teamId: string): Promise<void> {
  const invite = { name: `Cana ${randomUUID()}`, role: 'admin', level: 'team', objectId: teamId };
  const { link } = await api.ask<{ link: string }>('POST', '/api/platform/v1/invitations', { body: invite });
  planted.add('invitation', new URL(link).searchParams.get('token') ?? undefined);
  const login = `${randomUUID()}@canaries.example`;
  // It has to be written differently in JSON, in addresses and in HTML.
  const password = `"&'<${planted.make('password')}`;
  planted.add('password', password);
  const visitor = new Visitor();
  const page = await visitor.get(link);
  const form = findForms(page).find(({ action }) => action.endsWith('/invitation'));
  if (!form) throw new Error(`no form: ${page.body}`);
  const send = (typed: string): Promise<Page> =>
    visitor.post(form.action, { ...form.fields, login, password: typed }, { from: link });
  // It is refused, because it is short.
  const short = planted.make('password').slice(-11);
  planted.add('password', short);
  await send(short);
  const who = new SignedIn(api.url, visitor, await visitor.follow(await send(password)));
  planted.add('session', who.cookie.value);
  planted.add('form token', await who.csrf());
  // It is used up.
  await new Visitor().get(link);

  const signIn = (typed: string, code?: string): Promise<Answer> =>
    api.as(undefined).send('POST', '/api/v1/login', {
      body: new URLSearchParams({
        username: login,
        password: typed,
        ...(code !== undefined && { code }),
      }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  await signIn(planted.make('password'));
  planted.add('session', (await signIn(password)).json<{ access_token: string }>().access_token);
  const { uri } = await api.ask<{ uri: string }>('PUT', `/api/platform/v1/users/${await who.id()}/password`, {
    body: { login, password: planted.make('password'), breakGlass: true },
  });
  const { secret } = URI.parse(uri) as TOTP;
  planted.add('seed of an authenticator', secret.base32);
  planted.add('seed of an authenticator', Buffer.from(secret.bytes));
  // A session that has ended, and one that never was.
  await who.send('GET', '/api/platform/v1/self');
  const cookie = `${who.cookie.name}=cs-${planted.make('session')}`;
  await api.as(undefined).send('GET', '/api/platform/v1/self', { headers: { cookie } });
}

/** A person signs in at a provider that speaks OpenID Connect. */
export async function plantOpenId(api: Api, planted: Planted): Promise<Connected> {
  const connection = `canary-${randomUUID().slice(0, 8)}`;
  const client = { clientId: 'causeway', clientSecret: planted.make('client secret of a connection') };
  const [begin, back] = [`${api.url}/sign-in/${connection}`, `${api.url}/sign-in/${connection}/callback`];
  const person = aPerson();
  const provider = await startIdentityProvider({
    people: [person],
    clients: [{ ...client, redirectUris: [back], postLogoutRedirectUris: [`${api.url}/sign-in`] }],
  });
  try {
    const body = { issuer: provider.issuer, ...client };
    await api.ask('PUT', `/api/platform/v1/connections/${connection}`, { body });
    const visitor = new Visitor();
    const { location = '' } = await submitSignIn(
      visitor,
      await visitor.get(begin),
      person.email,
      person.password,
    );
    planted.add('code of a provider', new URL(location).searchParams.get('code') ?? undefined);
    planted.add('ticket of a sign-in', ticketOf(visitor, api));
    // In a browser that has not begun it.
    await new Visitor().get(location);
    const who = new SignedIn(api.url, visitor, await visitor.follow(await visitor.get(location)));
    planted.add('session', who.cookie.value);
    await visitor.get(location);
    const { body: signedOut } = await who.submit('/account', '/sign-out');
    planted.add('ID token of a provider', /id_token_hint=([\w-]+\.[\w-]+\.[\w-]+)/.exec(signedOut)?.[1]);
    const claims = { iss: provider.issuer, aud: client.clientId, sub: person.subject, jti: randomUUID() };
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const iat = Math.floor(Date.now() / 1_000);
    for (const aud of [client.clientId, 'somebody else']) {
      const token = await provider.sign({ ...claims, aud, iat, events });
      planted.add('logout token', token);
      await api.as(undefined).send('POST', `/sign-in/${connection}/back-channel-logout`, {
        body: new URLSearchParams({ logout_token: token }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    }
    return { connection };
  } finally {
    await provider.close();
  }
}

/** A person signs in at a provider that speaks SAML; such a connection has no secret. */
export async function plantSaml(api: Api, planted: Planted): Promise<void> {
  const connection = `canary-${randomUUID().slice(0, 8)}`;
  const person = aPerson();
  const provider = await startSamlProvider({ people: [person] });
  try {
    const body = { kind: 'saml', metadata: provider.metadata() };
    await api.ask('PUT', `/api/platform/v1/connections/${connection}`, { body });
    const { text } = await api.as(undefined).send('GET', `/sign-in/${connection}/metadata`);
    const [, entityId = ''] = /entityID="([^"]*)"/.exec(text) ?? [];
    const [, answerUrl = ''] = /AssertionConsumerService[^>]* Location="([^"]*)"/.exec(text) ?? [];
    provider.setParties([{ entityId, answerUrl }]);
    const visitor = new Visitor();
    const begun = await visitor.get(`${api.url}/sign-in/${connection}`);
    planted.add('ticket of a sign-in', ticketOf(visitor, api));
    const answer = await submitSignIn(visitor, begun, person.email, person.password);
    const response = findForms(answer).find(({ fields }) => 'SAMLResponse' in fields)?.fields['SAMLResponse'];
    const xml = Buffer.from(response ?? '', 'base64').toString();
    planted.add('SAML assertion', /<[\w:]*SignatureValue[^>]*>([^<]+)</.exec(xml)?.[1]);
    planted.add('SAML assertion', response?.slice(0, 200));
    const who = new SignedIn(api.url, visitor, await visitor.follow(answer));
    planted.add('session', who.cookie.value);
    // A second time.
    await visitor.follow(answer);
  } finally {
    await provider.close();
  }
}

function ticketOf(visitor: Visitor, { url }: Api): string | undefined {
  const { host } = new URL(url);
  return visitor.cookies.find(({ name, authority }) => authority === host && name.endsWith('-sign-in'))
    ?.value;
}
