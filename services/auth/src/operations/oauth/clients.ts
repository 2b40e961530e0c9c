import { authorizeAt, permissionsAt } from '@causeway/authz';
import { causewayError, permissions as every } from '@causeway/contracts';
import type {
  InputOf,
  OAuthClient,
  Permission,
  Principal,
  ReplyOf,
  createOAuthClient,
  deleteOAuthClient,
  listOAuthClients,
  renewOAuthSecret,
} from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { checkNoToken } from '../../domain/check-no-token.js';
import { findTooWide } from '../../domain/api-key.js';
import { ClientStore, type StoredClient, shownClient } from '../../store/oauth/client.store.js';
import type { Writes } from '../../store/tables.js';
import { accessEvent } from '../access-event.js';
import { Accounts } from '../accounts.js';
import { Changing } from '../changing.js';
import { Ending } from './ending.js';
import { makerOf } from '../../domain/maker-of.js';

/** A former secret is valid for so long, so that a program can be given the new one. */
const FORMER_SECRET_MS = 86_400_000;

/** What no token can do: it would outlive the token. */
const MAKE = 'make OAuth clients or their secrets';

/** Makes, lists and removes OAuth clients. */
@Injectable()
export class Clients {
  constructor(
    private readonly changing: Changing,
    private readonly accounts: Accounts,
    private readonly store: ClientStore,
    private readonly ending: Ending,
  ) {}

  create(input: InputOf<typeof createOAuthClient>): Promise<OAuthClient> {
    return this.changing.change(input, async (writes, actor) => {
      const { principal } = actor;
      const { kind, name, serviceAccountId, redirectUris = [], deviceFlow = false, secretHash } = input;
      checkNoToken(principal, MAKE);
      checkShape(input);
      const teamId = await this.checkMayChange(principal, serviceAccountId ?? null, writes);
      const { organisationId } = principal;
      // A client that acts for people only narrows what each of them may do.
      const held =
        teamId === undefined ? [...every] : permissionsAt(principal.grants ?? [], { organisationId, teamId });
      const permissions = wantedOf(input.permissions, held);
      const client = await this.store.insert(writes, {
        organisationId,
        kind,
        name,
        serviceAccountId: serviceAccountId ?? null,
        secretHash: secretHash ?? null,
        redirectUris: [...new Set(redirectUris)],
        deviceFlow,
        permissions,
        ...makerOf(principal),
      });
      const detail = {
        kind,
        permissions,
        redirectUris,
        deviceFlow,
        serviceAccountId: client.serviceAccountId,
      };
      return {
        result: shownClient(client),
        events: [accessEvent(actor, 'client.create', objectOf(client), detail, teamId)],
      };
    });
  }

  async list(input: InputOf<typeof listOAuthClients>): Promise<ReplyOf<typeof listOAuthClients>> {
    const { serviceAccountId, page } = input;
    const principal = await this.changing.fresh(input.principal);
    const { organisationId } = principal;
    if (serviceAccountId === undefined) {
      authorizeAt(principal, 'organisation:write', { organisationId });
    } else {
      const { teamId } = await this.accounts.visible(principal, serviceAccountId);
      authorizeAt(principal, 'member:read', { organisationId, teamId });
    }
    return this.store.list(organisationId, serviceAccountId, page);
  }

  async delete({ clientId, ...input }: InputOf<typeof deleteOAuthClient>): Promise<void> {
    await this.changing.change(input, async (writes, actor) => {
      const { client, teamId } = await this.changeable(actor.principal, clientId, writes);
      await this.store.delete(writes, clientId);
      const event = accessEvent(actor, 'client.delete', objectOf(client), {}, teamId);
      return { result: undefined, events: [event] };
    });
    this.ending.told(input.principal.organisationId);
  }

  renew({ clientId, secretHash, ...input }: InputOf<typeof renewOAuthSecret>): Promise<OAuthClient> {
    return this.changing.change(input, async (writes, actor) => {
      checkNoToken(actor.principal, MAKE);
      const { client: former, teamId } = await this.changeable(actor.principal, clientId, writes);
      if (former.kind === 'public')
        throw causewayError('REQUEST_INVALID', { problems: 'clientId: a public client has no secret' });
      const until = new Date(Date.now() + FORMER_SECRET_MS);
      const client = await this.store.renewSecret(writes, clientId, secretHash, until);
      const detail = { isSecretChanged: true, formerSecretUntil: until.toISOString() };
      const event = accessEvent(actor, 'client.update', objectOf(client), detail, teamId);
      return { result: shownClient(client), events: [event] };
    });
  }

  /** A client that the caller may change; others do not exist for them. @throws CausewayError CLIENT_UNKNOWN, PERMISSION_DENIED */
  private async changeable(
    principal: Principal,
    clientId: string,
    writes: Writes,
  ): Promise<{ client: StoredClient; teamId: string | undefined }> {
    const client = await this.store.find(principal.organisationId, clientId, writes);
    if (!client) throw causewayError('CLIENT_UNKNOWN', { clientId });
    try {
      const teamId = await this.checkMayChange(principal, client.serviceAccountId, writes);
      return { client, teamId };
    } catch (cause) {
      throw causewayError('CLIENT_UNKNOWN', { clientId }, { cause });
    }
  }

  /** @returns the team of the account; undefined for what acts for people. */
  private async checkMayChange(
    principal: Principal,
    serviceAccountId: string | null,
    writes: Writes,
  ): Promise<string | undefined> {
    const { organisationId } = principal;
    if (serviceAccountId === null) {
      authorizeAt(principal, 'organisation:write', { organisationId });
      return undefined;
    }
    const { teamId } = await this.accounts.visible(principal, serviceAccountId, writes);
    authorizeAt(principal, 'member:write', { organisationId, teamId });
    return teamId;
  }
}

/** @throws CausewayError REQUEST_INVALID */
function checkShape(input: InputOf<typeof createOAuthClient>): void {
  const { kind, serviceAccountId, redirectUris = [], deviceFlow = false, secretHash } = input;
  const isService = kind === 'service';
  const isRight =
    isService === (serviceAccountId !== undefined) &&
    isService === (redirectUris.length === 0 && !deviceFlow) &&
    (kind === 'public') === (secretHash === undefined);
  if (!isRight)
    throw causewayError('REQUEST_INVALID', {
      problems:
        'kind: only a service has an account, and neither redirect addresses nor the device flow; every other client has one of these; only a public client has no secret',
    });
}

/** @throws CausewayError KEY_SCOPE_TOO_WIDE, REQUEST_INVALID */
function wantedOf(asked: readonly Permission[] | undefined, held: readonly Permission[]): Permission[] {
  const wanted = [...new Set(asked ?? held)];
  const permission = findTooWide(wanted, held);
  if (permission !== undefined) throw causewayError('KEY_SCOPE_TOO_WIDE', { permission });
  if (wanted.length === 0)
    throw causewayError('REQUEST_INVALID', { problems: 'permissions: name at least one' });
  return wanted;
}

function objectOf({ id, name }: OAuthClient) {
  return { type: 'client', id, name };
}
