import { randomUUID } from 'node:crypto';
import {
  type IdentityProvider,
  type Person,
  Visitor,
  signInAt,
  startIdentityProvider,
} from '@causeway/identity-provider';
import { waitFor } from '@causeway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../support/api.js';
import { causewayCli } from '../support/cli.js';
import { chatFlow } from '../support/flows.js';
import { sentEvents } from '../support/frames.js';
import { TokenApi } from '../support/oauth-client.js';
import { SignedIn } from '../support/signed-in.js';
import type { Stack } from '../support/stack.js';

const CLIENT = { clientId: 'causeway', clientSecret: 'a client secret for tests' };
const PASSWORD = 'a password for tests';
/** A second, and additional time for a busy machine. */
const WITHIN_MS = 5_000;
const SLOWLY = { reply: { chunks: Array.from({ length: 100 }, (_, at) => `word${at} `), chunkDelayMs: 200 } };

interface Resource {
  readonly id: string;
  readonly active?: boolean;
  readonly members?: readonly { readonly value: string }[];
  readonly groups?: readonly { readonly value: string; readonly display: string }[];
}

/** A connection whose identity provider sends people and groups. */
interface Sender {
  readonly connection: string;
  readonly token: string;
  readonly scim: TokenApi;
}

/** An identity provider sends its people and groups, and takes those back who left. */
export function scimStories({ api, causeway, provider: model }: Stack): void {
  const { url } = causeway;
  let provider: IdentityProvider;
  let team: { id: string };
  let acme: Sender;
  const clients = new Map<string, { redirectUris: string[] }>();

  const person = (groups: string[] = []): Person => {
    const subject = randomUUID();
    const email = `${subject.slice(0, 8)}@scim.example`;
    const made = { subject, name: `Sue ${subject.slice(0, 8)}`, email, groups, password: PASSWORD };
    provider.setPerson(made);
    return made;
  };
  const connect = async (more: object = {}): Promise<Sender> => {
    const connection = `scim-${randomUUID().slice(0, 8)}`;
    clients.set(connection, { redirectUris: [`${url}/sign-in/${connection}/callback`] });
    provider.setClients([
      { ...CLIENT, redirectUris: [...clients.values()].flatMap(({ redirectUris }) => redirectUris) },
    ]);
    await put(connection, more);
    const path = `/api/platform/v1/connections/${connection}/scim/tokens`;
    const { token, url: base } = await api.ask<{ token: string; url: string }>('POST', path);
    expect(base).toBe(`${url}/scim/v2`);
    return { connection, token, scim: new TokenApi(url, token) };
  };
  const put = (connection: string, more: object = {}): Promise<unknown> =>
    api.ask('PUT', `/api/platform/v1/connections/${connection}`, {
      body: { issuer: provider.issuer, ...CLIENT, ...more },
    });
  const create = (what: 'Users' | 'Groups', body: object, by = acme): Promise<Resource> =>
    by.scim.ask('POST', `/scim/v2/${what}`, { body });
  const patch = (path: string, operation: object, by = acme): Promise<Resource> =>
    by.scim.ask('PATCH', `/scim/v2/${path}`, {
      body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [operation] },
      headers: { 'content-type': 'application/scim+json' },
    });
  const newUser = ({ subject, name, email }: Person, by = acme): Promise<Resource> =>
    create(
      'Users',
      { userName: email, externalId: subject, displayName: name, emails: [{ value: email }] },
      by,
    );
  const newGroup = async (role: string, members: readonly Resource[], by = acme): Promise<Resource> => {
    const displayName = `group ${randomUUID()}`;
    const sent = await create(
      'Groups',
      { displayName, members: members.map(({ id: value }) => ({ value })) },
      by,
    );
    const { items } = await api.ask<{ items: { id: string; name: string }[] }>(
      'GET',
      '/api/platform/v1/groups?limit=500',
    );
    const id = items.find(({ name }) => name === displayName)?.id;
    await api.ask('POST', '/api/platform/v1/role-bindings', {
      body: { subject: { kind: 'group', id }, role, level: 'team', objectId: team.id },
    });
    return sent;
  };
  const signIn = async (who: Person, by = acme): Promise<SignedIn> => {
    const visitor = new Visitor();
    const from = `${url}/sign-in/${by.connection}?to=/`;
    return new SignedIn(url, visitor, await signInAt(visitor, from, who.email, who.password));
  };
  const keyOf = async (who: SignedIn): Promise<string> => {
    const page = await who.submit('/account', '/account/keys', { name: 'laptop', days: '30' });
    return /class="key"\s+value="(sk-[\w-]+)"/.exec(page.body)?.[1] ?? '';
  };

  /** A service account with a key that somebody has made with theirs. */
  const programOf = async (maker: Api): Promise<Api> => {
    const accounts = `/api/platform/v1/teams/${team.id}/service-accounts`;
    const body = { name: `program ${randomUUID()}`, role: 'viewer' };
    const { id } = await maker.ask<{ id: string }>('POST', accounts, { body });
    const keys = `/api/platform/v1/service-accounts/${id}/keys`;
    const { api_key } = await maker.ask<{ api_key: string }>('POST', keys, { body: { name: 'k' } });
    return api.as(api_key);
  };

  describe('SCIM', () => {
    beforeAll(async () => {
      provider = await startIdentityProvider({ people: [], clients: [] });
      team = await api.ask('POST', '/api/platform/v1/teams', { body: { name: `SCIM ${randomUUID()}` } });
      acme = await connect();
    });
    afterAll(() => provider.close());

    describe('an identity provider that sends people', () => {
      test('makes them before they sign in, gives them roles by groups, ends all their access at once, and gives it back', async () => {
        const sue = person();
        const sent = await newUser(sue);
        const group = await newGroup('admin', [sent]);
        const who = await signIn(sue);
        expect(await who.ask<object>('GET', '/api/platform/v1/self')).toMatchObject({
          subject: { name: sue.name },
          teamId: team.id,
          roles: [{ role: 'admin', level: 'team' }],
        });
        const users = await api.ask<{ items: object[] }>('GET', `/api/platform/v1/users?search=${sue.email}`);
        expect(users.items).toHaveLength(1);

        const secret = await keyOf(who);
        const hers = api.as(secret);
        const made = await hers.ask<{ api_key: string }>('POST', '/api/v1/api_key', {
          body: { name: 'made', permissions: ['flow:run'] },
        });
        const program = await programOf(hers);
        const { id: flowId } = await hers.importFlow(chatFlow());
        model.setScript([SLOWLY]);
        const { runId = '' } = await hers.run(flowId, { input_value: 'x' }, { prefer: 'respond-async' });
        const streams = await Promise.all([
          hers.open('GET', `/api/platform/v1/runs/${runId}/events`),
          who.open('GET', `/api/platform/v1/runs/${runId}/events`),
        ]);
        let endedAtMs = 0;
        const read = streams.map(async (response) => {
          let last: unknown;
          for await (const event of sentEvents(response)) {
            last = event;
            if (event.event === 'live.token' && endedAtMs === 0) {
              endedAtMs = Date.now();
              await patch(`Users/${sent.id}`, { op: 'Replace', path: 'active', value: 'False' });
              endedAtMs = Date.now();
            }
          }
          return { last, tookMs: Date.now() - endedAtMs };
        });
        for (const { last, tookMs } of await Promise.all(read)) {
          expect(last).toMatchObject({ event: 'refused' });
          expect(tookMs).toBeLessThan(WITHIN_MS);
        }
        expect((await hers.send('GET', '/api/v1/flows/')).json().code).toBe('KEY_UNUSABLE');
        expect(
          (await api.as(made.api_key).send('POST', `/api/v1/run/${flowId}`, { body: {} })).json().code,
        ).toBe('KEY_UNUSABLE');
        const refused = await program.send('GET', '/api/v1/flows/');
        expect(refused.json()).toMatchObject({
          code: 'KEY_UNUSABLE',
          detail: expect.stringContaining('made, is disabled'),
        });
        expect((await who.send('GET', '/api/platform/v1/self')).json().code).toBe('SESSION_ENDED');
        expect((await signIn(sue)).page.body).toContain('USER_DISABLED');

        const back = await patch(`Users/${sent.id}`, { op: 'replace', value: { active: true } });
        expect(back).toMatchObject({ active: true, groups: [{ value: group.id }] });
        await waitFor(async () => (await hers.send('GET', '/api/v1/flows/')).status === 200);
        await waitFor(async () => (await program.send('GET', '/api/v1/flows/')).status === 200);
        expect((await who.send('GET', '/api/platform/v1/self')).status).toBe(401);
        expect(await (await signIn(sue)).permissions()).toContain('flow:write');

        await patch(`Groups/${group.id}`, { op: 'remove', path: `members[value eq "${sent.id}"]` });
        await waitFor(async () => (await hers.send('GET', '/api/v1/flows/')).status === 403, {
          timeoutMs: WITHIN_MS,
        });
        model.setScript([]);
        await api.send('POST', `/api/platform/v1/runs/${runId}/cancel`);
      });

      test('is told of a person who has signed in before, and ends them when they are deleted there', async () => {
        const sue = person();
        const who = await signIn(sue);
        const id = await who.id();
        const sent = await newUser(sue);
        const group = await newGroup('viewer', [sent]);
        await waitFor(async () => (await who.permissions()).includes('flow:read'));
        expect(await (await signIn(sue)).id()).toBe(id);
        await acme.scim.ask('DELETE', `/scim/v2/Users/${sent.id}`);
        expect((await acme.scim.send('GET', `/scim/v2/Users/${sent.id}`)).status).toBe(404);
        expect((await acme.scim.ask<Resource>('GET', `/scim/v2/Groups/${group.id}`)).members).toBeUndefined();
        expect((await who.send('GET', '/api/platform/v1/self')).status).toBe(401);
        expect((await signIn(sue)).page.body).toContain('USER_DISABLED');
      });

      test('decides alone about the groups that it has sent, whatever a sign-in says', async () => {
        const sent = await create('Groups', { displayName: `claimed ${randomUUID()}` });
        const { displayName } = await acme.scim.ask<{ displayName: string }>(
          'GET',
          `/scim/v2/Groups/${sent.id}`,
        );
        const sue = person([displayName]);
        const user = await newUser(sue);
        await signIn(sue);
        expect((await acme.scim.ask<Resource>('GET', `/scim/v2/Users/${user.id}`)).groups).toBeUndefined();
        await patch(`Groups/${sent.id}`, { op: 'add', path: 'members', value: [{ value: user.id }] });
        provider.setGroups(sue.subject, []);
        await signIn(sue);
        const { groups } = await acme.scim.ask<Resource>('GET', `/scim/v2/Users/${user.id}`);
        expect(groups).toMatchObject([{ value: sent.id, display: displayName }]);
      });

      test('is joined with those who signed in before by the claim that is chosen later, and what was sent is theirs', async () => {
        const late = await connect({ scimIdClaim: 'employee_id' });
        const sue = person();
        const who = await signIn(sue, late);
        const id = await who.id();
        const sent = await newUser(sue, late);
        await newGroup('viewer', [sent], late);
        expect((await who.permissions()).includes('flow:read')).toBe(false);
        await put(late.connection, { scimIdClaim: 'sub' });
        const again = await signIn(sue, late);
        expect(await again.id()).toBe(id);
        expect(await again.permissions()).toContain('flow:read');
        const users = await api.ask<{ items: object[] }>('GET', `/api/platform/v1/users?search=${sue.email}`);
        expect(users.items).toHaveLength(1);
        await patch(`Users/${sent.id}`, { op: 'replace', path: 'active', value: false }, late);
        await waitFor(async () => (await again.send('GET', '/api/platform/v1/self')).status === 401, {
          timeoutMs: WITHIN_MS,
        });
      });

      test('stays out when it has ended somebody before they signed in, also if they had another account', async () => {
        const late = await connect({ scimIdClaim: 'employee_id' });
        const sue = person();
        const who = await signIn(sue, late);
        const sent = await newUser(sue, late);
        await patch(`Users/${sent.id}`, { op: 'replace', path: 'active', value: false }, late);
        expect((await who.send('GET', '/api/platform/v1/self')).status).toBe(200);
        await put(late.connection, { scimIdClaim: 'sub' });
        expect((await signIn(sue, late)).page.body).toContain('USER_DISABLED');
        expect((await who.send('GET', '/api/platform/v1/self')).status).toBe(401);
      });

      test('cannot be joined by a name or an address', async () => {
        for (const scimIdClaim of ['email', 'preferred_username', 'upn', 'name', 'phone_number', 'a b']) {
          const path = `/api/platform/v1/connections/${acme.connection}`;
          const answer = await api.send('PUT', path, {
            body: { issuer: provider.issuer, ...CLIENT, scimIdClaim },
          });
          expect([scimIdClaim, answer.status]).toEqual([scimIdClaim, 400]);
        }
      });
    });

    describe('a SCIM token', () => {
      const errorSchema = 'urn:ietf:params:scim:api:messages:2.0:Error';

      test('opens nothing but SCIM, and only it opens SCIM', async () => {
        const { scim, token } = acme;
        for (const path of [
          '/api/v1/flows/',
          '/api/platform/v1/self',
          '/api/platform/v1/users',
          '/api/v1/users/whoami',
        ])
          expect((await scim.send('GET', path)).json().code).toBe('SCIM_TOKEN_ELSEWHERE');
        expect((await api.as(token).send('GET', '/api/v1/flows/')).json().code).toBe('KEY_INVALID');
        for (const other of [api, api.as(undefined), api.as(token), new TokenApi(url, 'ct-nothing')]) {
          const answer = await other.send('GET', '/scim/v2/Users');
          expect(answer.status).toBe(401);
          expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
          expect(answer.json()).toMatchObject({
            schemas: [errorSchema],
            status: '401',
            code: 'SCIM_TOKEN_NEEDED',
          });
        }
        const guessed = await new TokenApi(url, `cm-${'x'.repeat(43)}`).send('GET', '/scim/v2/Users');
        expect(guessed.json()).toMatchObject({
          schemas: [errorSchema],
          status: '401',
          code: 'SCIM_TOKEN_INVALID',
        });
      });

      test('is replaced without a gap, and the former one ends within a second', async () => {
        const sender = await connect();
        const path = `/api/platform/v1/connections/${sender.connection}/scim`;
        const { token } = await api.ask<{ token: string }>('POST', `${path}/tokens`);
        const next = new TokenApi(url, token);
        for (const one of [sender.scim, next])
          expect((await one.send('GET', '/scim/v2/Users?count=1')).status).toBe(200);
        const { tokens } = await api.ask<{ tokens: { id: string; lastUsedAt: string | null }[] }>(
          'GET',
          path,
        );
        expect(tokens).toHaveLength(2);
        expect(JSON.stringify(tokens)).not.toContain(token.slice(3));
        await api.ask('DELETE', `${path}/tokens/${tokens[0]?.id}`);
        await waitFor(async () => (await sender.scim.send('GET', '/scim/v2/Users')).status === 401, {
          timeoutMs: WITHIN_MS,
        });
        expect((await next.send('GET', '/scim/v2/Users')).status).toBe(200);
      });

      test('gets errors as SCIM writes them, also from the edge', async () => {
        const { scim } = acme;
        const json = { 'content-type': 'application/scim+json' };
        const answers = [
          [404, undefined, await scim.send('GET', '/scim/v2/Nothing')],
          [404, undefined, await scim.send('GET', `/scim/v2/Users/${randomUUID()}`)],
          [501, undefined, await scim.send('GET', '/scim/v2/Me')],
          [501, undefined, await scim.send('POST', '/scim/v2/Bulk', { body: { Operations: [] } })],
          [400, 'invalidSyntax', await scim.send('POST', '/scim/v2/Users', { body: '{', headers: json })],
          [400, 'invalidValue', await scim.send('POST', '/scim/v2/Users', { body: {} })],
          [400, 'invalidFilter', await scim.send('GET', '/scim/v2/Users?filter=userName+is+1')],
          [400, 'invalidValue', await scim.send('GET', '/scim/v2/Users?count=many')],
          [
            413,
            undefined,
            await scim.send('POST', '/scim/v2/Users', { body: { userName: 'x'.repeat(6_000_000) } }),
          ],
        ] as const;
        for (const [status, scimType, answer] of answers) {
          expect(answer.status).toBe(status);
          expect(answer.headers.get('content-type')).toContain('application/scim+json');
          expect(answer.json()).toMatchObject({
            schemas: [errorSchema],
            status: String(status),
            ...(scimType !== undefined && { scimType }),
          });
        }
      });

      test('is in the audit log as the one who made a change, and as the one who was refused', async () => {
        const sender = await connect();
        const { id } = await create('Users', { userName: 'audited' }, sender);
        await sender.scim.send('POST', '/scim/v2/Users', { body: { userName: 'audited' } });
        const actions = async (): Promise<string[]> => {
          const { items } = await api.ask<{
            items: { action: string; code?: string; actor: { kind: string; name: string } }[];
          }>('GET', '/api/platform/v1/audit/events?scope=organisation&limit=200');
          return items
            .filter(({ actor }) => actor.kind === 'scim' && actor.name === `SCIM of ${sender.connection}`)
            .map(({ action, code = '' }) => `${action} ${code}`.trim());
        };
        await waitFor(async () => (await actions()).length >= 2);
        expect((await actions()).toSorted()).toEqual(['request.refuse SCIM_TAKEN', 'user.create']);
        expect(id).toBeDefined();
      });
    });

    describe('npx causeway, for an administrator', () => {
      const cli = async (...args: string[]): Promise<string> => {
        const { code, stdout, stderr } = await causewayCli(api, args);
        expect([code, stderr]).toEqual([0, '']);
        return stdout;
      };

      test('makes, shows and ends SCIM tokens', async () => {
        const sender = await connect();
        const made = await cli('sso', 'scim', 'token', sender.connection);
        expect(made).toContain(`${url}/scim/v2`);
        const [token = ''] = /cm-[\w-]{43}/.exec(made) ?? [];
        expect((await new TokenApi(url, token).send('GET', '/scim/v2/Users')).status).toBe(200);
        expect((await causewayCli(api, ['sso', 'scim', 'token', sender.connection])).stderr).toContain(
          'SCIM tokens of connection',
        );
        expect((await causewayCli(api, ['sso', 'scim', 'revoke', sender.connection])).stderr).toContain(
          '--older',
        );
        await cli('sso', 'scim', 'revoke', sender.connection, '--older');
        await waitFor(async () => (await sender.scim.send('GET', '/scim/v2/Users')).status === 401);
        const status = await cli('sso', 'scim', 'status', sender.connection);
        expect(status.match(/^[0-9a-f-]{36} /gm)).toHaveLength(1);
        expect(status).toContain('is the claim sub');
      }, 120_000);

      test('shows what a leaver owned, and hands it over', async () => {
        const [leaver, heir] = [person(), person()];
        const sent = await newUser(leaver);
        await newUser(heir);
        await newGroup('admin', [sent]);
        const who = await signIn(leaver);
        const id = await who.id();
        await api.ask('POST', '/api/platform/v1/role-bindings', {
          body: { subject: { kind: 'user', id }, role: 'publisher', level: 'team', objectId: team.id },
        });
        await programOf(api.as(await keyOf(who)));
        const disabled = await cli('users', 'disable', leaver.email);
        expect(disabled).toMatch(/^role +publisher in team SCIM/m);
        expect(disabled).toMatch(/^made key +k sk-.* of service account program/m);
        const given = await cli('users', 'hand-over', leaver.email, '--to', heir.email);
        expect(given).toContain(`${heir.name} is publisher now`);
        const { roles } = JSON.parse(await cli('--json', 'users', 'owned', heir.email)) as {
          roles: object[];
        };
        expect(roles).toMatchObject([{ role: 'publisher', team: expect.stringContaining('SCIM') }]);
        expect(await cli('users', 'owned', leaver.email)).not.toContain('publisher');
      }, 120_000);
    });
  });
}
