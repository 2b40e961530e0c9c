import { knowsTeam } from '@causeway/authz';
import type { Principal } from '@causeway/contracts';
import { isCausewayError } from '@causeway/dag';
import { OutboxRelay, apiKeyHash, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { clientMetadata } from '../../domain/client-metadata.js';
import { ClientStore } from '../../store/oauth/client.store.js';
import { type Content, TokenStore, permissionsOf } from '../../store/oauth/token.store.js';
import { PrincipalStore } from '../../store/principal.store.js';
import { Tables, type Writes, tell } from '../../store/tables.js';
import { type Errors, currentAsking } from './asking.js';
import { DeviceCodeAdapter } from './device-code-adapter.js';
import { Ending } from './ending.js';
import { tokenEvent } from './token-event.js';

/** Programs that may act for one person at the same time. */
const MOST_GRANTS = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Keeps what the library has to remember. Of codes and tokens only the SHA-256 is stored. Sessions and interactions are not kept: who is
 * signed in says the session of the browser, in each request.
 */
@Injectable()
export class TokenAdapter {
  constructor(
    private readonly tables: Tables,
    private readonly clients: ClientStore,
    private readonly tokens: TokenStore,
    private readonly ending: Ending,
    private readonly relay: OutboxRelay,
    private readonly codes: DeviceCodeAdapter,
    private readonly principals: PrincipalStore,
  ) {}

  /** The part that keeps one kind. */
  of(kind: string, errors: Errors): Adapter {
    switch (kind) {
      case 'Client':
        return { ...nothing, find: (id) => this.findClient(id) };
      case 'Grant':
        return {
          ...nothing,
          upsert: (id, payload) => this.insertGrant(id, payload, errors),
          find: async (id) => withId(id, (await this.tokens.findGrant(id))?.content),
          destroy: (id) => this.endGrant(id),
        };
      case 'AuthorizationCode':
      case 'AccessToken':
      case 'RefreshToken':
      case 'ClientCredentials':
        return {
          ...nothing,
          upsert: (token, payload) => this.insertToken(kind, token, payload, errors),
          find: async (token) => withId(token, await this.tokens.find(kind, apiKeyHash(token))),
          consume: (token) => this.consume(kind, token, errors),
          destroy: (token) => this.ending.endToken(kind, apiKeyHash(token), currentAsking()),
          revokeByGrantId: (grantId) => this.endGrant(grantId),
        };
      case 'DeviceCode':
        return {
          ...nothing,
          upsert: (id, payload) => this.codes.upsert(id, payload, errors),
          find: (code) => this.codes.find(code, errors),
          findByUserCode: (code) => this.codes.findByUserCode(code),
          consume: async (code) => {
            if (!(await this.codes.consume(code)))
              await this.refuseUsed(await this.codes.grantOf(code), errors);
          },
          revokeByGrantId: (grantId) => this.endGrant(grantId),
        };
      default:
        return nothing;
    }
  }

  /** A client of another organisation than that of the person does not exist for them. */
  private async findClient(id: string): Promise<AdapterPayload | undefined> {
    const client = UUID.test(id) ? await this.clients.findUsable(id) : undefined;
    const { principal } = currentAsking();
    if (!client || (principal && principal.organisationId !== client.organisationId)) return undefined;
    return clientMetadata(client);
  }

  private async insertGrant(id: string, payload: AdapterPayload, errors: Errors): Promise<void> {
    const asking = currentAsking();
    const { principal } = asking;
    const { clientId = '', exp = 0 } = payload;
    if (!principal) throw new Error('nobody is signed in');
    const { organisationId, teamId, id: userId } = principal;
    const permissions = permissionsOf((payload['openid'] as { scope?: string } | undefined)?.scope);
    await this.tables.change(organisationId, async (writes) => {
      const { jti: _id, ...content } = payload;
      await this.checkMayStill(writes, principal, errors);
      if ((await this.tokens.countGrants(writes, userId)) >= MOST_GRANTS)
        throw new errors.AccessDenied(`at most ${MOST_GRANTS} programs may act for a person`);
      const expiresAt = new Date(exp * 1_000);
      const wanted = { id, organisationId, teamId, userId, clientId, permissions, expiresAt, content };
      await this.tokens.insertGrant(writes, wanted);
      const detail = {
        client: clientId,
        permissions,
        expiresAt: expiresAt.toISOString(),
        ...(asking.device && { device: true }),
      };
      await tell(
        writes,
        tokenEvent('grant.create', asking, { tenant: principal, actor: principal, id, detail }),
      );
    });
    this.relay.wake();
  }

  /**
   * What was read when the person answered may be over: nobody allows anything whose session has ended since, as it does when they are disabled
   * or SSO is enforced, or who has lost their role in the team.
   */
  private async checkMayStill(writes: Writes, asked: Principal, errors: Errors): Promise<void> {
    const { organisationId, teamId } = asked;
    const isInTeam = ({ grants = [] }: Principal): boolean => knowsTeam(grants, { organisationId, teamId });
    const current = await this.principals.refresh(asked, writes).catch((error: unknown) => {
      if (isCausewayError(error)) return undefined;
      throw error;
    });
    const isTeam = (await writes.team.count({ where: { organisationId, id: teamId, deletedAt: null } })) > 0;
    if (!current || !isTeam || (isInTeam(asked) && !isInTeam(current.principal)))
      throw new errors.AccessDenied('the person may not allow it any more');
  }

  private async insertToken(
    kind: string,
    token: string,
    payload: AdapterPayload,
    errors: Errors,
  ): Promise<void> {
    const { jti: _token, ...content } = payload;
    const { clientId = '', grantId = null, exp = 0 } = payload;
    const client = await this.clients.findUsable(clientId);
    if (!client) throw new errors.InvalidClient('the client has ended', clientId);
    const { organisationId } = client;
    const permissions = permissionsOf(payload.scope).filter((one) => client.permissions.includes(one));
    const id = newId();
    const expiresAt = new Date(exp * 1_000);
    await this.tables.reads.$transaction(async (writes) => {
      // Of two uses of a code or refresh token at the same time, the second one ends the grant: nothing may follow from the first one then.
      if (!(await this.tokens.hold(writes, clientId, grantId)))
        throw new errors.InvalidGrant('the grant has ended');
      const tokenHash = apiKeyHash(token);
      const wanted = {
        id,
        tokenHash,
        kind,
        organisationId,
        clientId,
        grantId,
        permissions,
        expiresAt,
        content,
      };
      if (!(await this.tokens.insert(writes, wanted)))
        throw new errors.TemporarilyUnavailable(
          'this client has too many valid tokens; use one until it expires',
        );
      if (kind !== 'AccessToken' && kind !== 'ClientCredentials') return;
      const holder = await this.holderOf(writes, grantId, client.serviceAccountId, errors);
      const detail = { client: clientId, permissions, expiresAt: expiresAt.toISOString(), grant: grantId };
      await tell(writes, tokenEvent('token.create', currentAsking(), { ...holder, id, detail }));
    });
    this.relay.wake();
  }

  /** For whom a token acts, and where. A disabled person has no grant that the library would use. */
  private async holderOf(
    writes: Writes,
    grantId: string | null,
    serviceAccountId: string | null,
    errors: Errors,
  ) {
    if (grantId === null) {
      const account = await writes.serviceAccount.findUniqueOrThrow({
        where: { id: serviceAccountId ?? '' },
      });
      if (account.disabledAt !== null) throw new errors.UnauthorizedClient('the service account is disabled');
      return {
        tenant: account,
        actor: { kind: 'service_account' as const, id: account.id, name: account.name },
      };
    }
    const { user, ...grant } = await writes.oauthGrant.findUniqueOrThrow({
      where: { id: grantId },
      include: { user: true },
    });
    return { tenant: grant, actor: { kind: 'user' as const, id: user.id, name: user.name } };
  }

  /** Of several uses at the same time, one succeeds; the others end the grant. */
  private async consume(kind: string, token: string, errors: Errors): Promise<void> {
    if (await this.tokens.consume(apiKeyHash(token))) return;
    await this.refuseUsed((await this.tokens.find(kind, apiKeyHash(token)))?.['grantId'], errors);
  }

  private async refuseUsed(grantId: unknown, errors: Errors): Promise<never> {
    if (typeof grantId === 'string') await this.endGrant(grantId);
    throw new errors.InvalidGrant('it was used already');
  }

  private async endGrant(id: string): Promise<void> {
    const asking = currentAsking();
    const because = asking.path.endsWith('/revoke')
      ? 'the program gave it back'
      : 'a code or a refresh token was used twice';
    await this.ending.endGrant(id, { ...asking, because });
  }
}

/** What the library stores of it is not needed. */
const nothing: Adapter = {
  upsert: async () => undefined,
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
};

function withId(id: string, content: Content | undefined): AdapterPayload | undefined {
  return content && { ...content, jti: id };
}
