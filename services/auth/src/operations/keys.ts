import { authorizeAt, knowsTeam, permissionsAt } from '@causeway/authz';
import { causewayError, keyChanged } from '@causeway/contracts';
import type {
  Grant,
  InputOf,
  Permission,
  Principal,
  ReplyOf,
  Tenant,
  createKey,
  deleteKey,
  findPageOrigin,
  listAccountKeys,
  listKeys,
} from '@causeway/contracts';
import { Bus, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { checkMayRevoke, expiryOf, findTooWide } from '../domain/api-key.js';
import { type Act, keyEvent } from '../domain/key-event.js';
import { KeyStore, type TreeKey } from '../store/key.store.js';
import { PrincipalStore } from '../store/principal.store.js';
import type { Writes } from '../store/tables.js';
import type { Actor } from './access-event.js';
import { Accounts } from './accounts.js';
import { RoleStore } from '../store/role.store.js';
import { Changing } from './changing.js';
import { makerOf } from '../domain/maker-of.js';

/** Makes, lists and revokes keys. */
@Injectable()
export class Keys {
  constructor(
    private readonly store: KeyStore,
    private readonly principals: PrincipalStore,
    private readonly accounts: Accounts,
    private readonly roles: RoleStore,
    private readonly changing: Changing,
    private readonly bus: Bus,
  ) {}

  /**
   * Makes a key for the caller or for a service account. It has all permissions that the caller has in the key's team unless fewer are
   * requested, and expires with the key that the caller uses unless an earlier time is requested.
   */
  async create(input: InputOf<typeof createKey>): Promise<ReplyOf<typeof createKey>> {
    const now = new Date();
    const wantedExpiry = input.expiresAt === undefined ? null : new Date(input.expiresAt);
    if (wantedExpiry && wantedExpiry <= now) {
      const problems = `expiresAt: ${input.expiresAt ?? ''} has passed; give a time in the future, or none`;
      throw causewayError('REQUEST_INVALID', { problems });
    }
    const key = await this.changing.change(input, async (writes, actor) => {
      const { principal } = actor;
      const { tenant, holder } = await this.holderOf(principal, input.serviceAccountId, writes);
      const held = permissionsAt(principal.grants ?? [], tenant);
      const permissions = [...new Set(input.permissions ?? held)];
      if (input.origins)
        checkForPages(
          permissions,
          holder,
          await this.roles.grantsOf(tenant.organisationId, holderId(holder), writes),
        );
      const tooWide = findTooWide(permissions, held);
      if (tooWide !== undefined) throw causewayError('KEY_SCOPE_TOO_WIDE', { permission: tooWide });
      const wanted = {
        id: newId(),
        ...tenant,
        ...holder,
        name: input.name,
        keyHash: input.keyHash,
        masked: input.masked,
        permissions,
        origins: input.origins ?? [],
        createdAt: now,
        expiresAt: expiryOf(wantedExpiry, actor.expiresAt === null ? null : new Date(actor.expiresAt)),
        ...makerOf(principal),
        madeByTokenId: principal.tokenId ?? null,
      };
      const result = await this.store.insert(writes, wanted);
      return { result, events: [keyEvent('key.create', wanted, actOf(actor, now))] };
    });
    return { key };
  }

  /** Whether a valid key is for pages of an origin. */
  async findOrigin({ origin }: InputOf<typeof findPageOrigin>): Promise<ReplyOf<typeof findPageOrigin>> {
    return { isListed: await this.store.listsOrigin(origin) };
  }

  /** The caller's own keys in its team, without revoked ones. */
  async list({ principal, page }: InputOf<typeof listKeys>): Promise<ReplyOf<typeof listKeys>> {
    const { items, ...rest } = await this.store.list(principal, principal.id, page);
    return { keys: items, ...rest };
  }

  /** The keys of a service account. */
  async listOfAccount(input: InputOf<typeof listAccountKeys>): Promise<ReplyOf<typeof listAccountKeys>> {
    const { page } = input;
    const principal = await this.changing.fresh(input.principal);
    const { id, teamId } = await this.accounts.visible(principal, input.accountId);
    const place = { organisationId: principal.organisationId, teamId };
    authorizeAt(principal, 'member:read', place);
    return this.store.list(place, id, page);
  }

  /**
   * Revokes a key and every key that was made with it, because a person with a stolen key may have made others. Gateways
   * remove the revoked keys from their caches.
   *
   * @returns how many keys are revoked
   * @throws CausewayError KEY_UNKNOWN, PERMISSION_DENIED, KEY_OF_MORE, KEY_LAST
   */
  async revoke(input: InputOf<typeof deleteKey>): Promise<ReplyOf<typeof deleteKey>> {
    const at = new Date();
    const revoked = await this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      const { root, keys } = await this.store.lockTree(writes, organisationId, input.keyId);
      await this.checkMayRevoke(writes, actor.principal, root, keys);
      const ids = [root.id, ...keys.map(({ id }) => id).filter((id) => id !== root.id)];
      const rows = await this.store.revoke(writes, organisationId, ids, at);
      return { result: rows, events: rows.map((key) => keyEvent('key.delete', key, actOf(actor, at))) };
    });
    for (const { id, organisationId, teamId } of revoked)
      this.bus.publish(keyChanged, { organisationId, teamId, keyId: id });
    return { revoked: revoked.length };
  }

  /**
   * One's own key and those made with it may always be revoked; further keys of one's own with key:write, those of others with
   * member:write in their team, and both only by those who may do in its team all that each of the keys allows.
   */
  async checkMayRevoke(
    writes: Writes,
    principal: Principal,
    root: TreeKey,
    keys: readonly TreeKey[],
  ): Promise<void> {
    const { organisationId, grants = [] } = principal;
    const { id: keyId, teamId, holderId } = root;
    if (principal.keyId !== undefined && (await this.store.isMadeWith(writes, keyId, principal.keyId)))
      return;
    const place = { organisationId, teamId };
    if (!knowsTeam(grants, place)) throw causewayError('KEY_UNKNOWN', { keyId });
    authorizeAt(principal, holderId === principal.id ? 'key:write' : 'member:write', place);
    const allowed = await this.principals.allowedBy(
      writes,
      keys.map(({ id }) => id),
    );
    for (const key of keys) {
      const held = permissionsAt(grants, { organisationId, teamId: key.teamId });
      checkMayRevoke({ id: key.id, permissions: allowed.get(key.id) ?? [] }, held);
    }
  }

  private async holderOf(
    principal: Principal,
    serviceAccountId: string | undefined,
    writes: Writes,
  ): Promise<{ tenant: Tenant; holder: { userId: string } | { serviceAccountId: string } }> {
    const { kind, id, organisationId, teamId } = principal;
    if (serviceAccountId !== undefined) {
      const account = await this.accounts.visible(principal, serviceAccountId, writes);
      const tenant = { organisationId, teamId: account.teamId };
      authorizeAt(principal, 'member:write', tenant);
      return { tenant, holder: { serviceAccountId } };
    }
    const tenant = { organisationId, teamId };
    authorizeAt(principal, 'key:write', tenant);
    if (kind === 'user') return { tenant, holder: { userId: id } };
    if (kind === 'service_account') return { tenant, holder: { serviceAccountId: id } };
    throw causewayError('PERMISSION_DENIED', { permission: 'key:write' });
  }
}

function actOf({ principal, requestId }: Actor, at: Date): Act {
  return { id: newId(), at, actor: principal, requestId };
}

type Holder = { readonly userId: string } | { readonly serviceAccountId: string };

function holderId(holder: Holder): string {
  return 'userId' in holder ? holder.userId : holder.serviceAccountId;
}

/** Everybody can read a key in a public page: it runs one flow and does nothing else. @throws CausewayError KEY_FOR_PAGES_TOO_WIDE */
function checkForPages(permissions: readonly Permission[], holder: Holder, grants: readonly Grant[]): void {
  const refuse = (problem: string): Error => causewayError('KEY_FOR_PAGES_TOO_WIDE', { problem });
  if ('userId' in holder) throw refuse('This one would be a person’s.');
  if (permissions.join() !== 'flow:run') throw refuse(`This one would allow ${permissions.join(', ')}.`);
  const places = new Set(grants.map(({ level, objectId }) => `${level} ${objectId}`));
  if (places.size !== 1 || grants[0]?.level !== 'flow')
    throw refuse('This account has a role in more than that, or none; make one with accounts create --flow.');
}
