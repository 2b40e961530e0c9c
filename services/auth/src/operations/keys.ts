import { randomBytes } from 'node:crypto';
import { causewayError, keyChanged } from '@causeway/contracts';
import type {
  InputOf,
  Principal,
  ReplyOf,
  createKey,
  deleteKey,
  listKeys,
  verifyKey,
} from '@causeway/contracts';
import { Bus, OutboxRelay, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import {
  KEY_BYTES,
  checkMayRevoke,
  expiryOf,
  findTooWide,
  keyHash as hashOf,
  keyText,
  maskKey,
} from '../domain/api-key.js';
import { type Act, keyEvent } from '../domain/key-event.js';
import { KeyStore } from '../store/key.store.js';
import { KeyUses } from './key-uses.js';

/** Makes, verifies and revokes keys. */
@Injectable()
export class Keys {
  constructor(
    private readonly store: KeyStore,
    private readonly uses: KeyUses,
    private readonly relay: OutboxRelay,
    private readonly bus: Bus,
  ) {}

  /** Finds the principal of the key with this hash, in one statement. The use is written later. */
  async verify({ keyHash, again }: InputOf<typeof verifyKey>): Promise<ReplyOf<typeof verifyKey>> {
    const found = await this.store.findValid(keyHash);
    if (!found) throw causewayError('KEY_INVALID', {});
    if (!again) this.uses.add(found.principal.keyId, 1, new Date());
    return found;
  }

  /**
   * Makes a key for the caller. It has all of the caller's permissions unless fewer are requested, and expires with the key
   * that the caller uses unless an earlier time is requested.
   */
  async create(input: InputOf<typeof createKey>): Promise<ReplyOf<typeof createKey>> {
    const { principal } = input;
    const now = new Date();
    const permissions = [...new Set(input.permissions ?? principal.permissions)];
    const tooWide = findTooWide(permissions, principal.permissions);
    if (tooWide !== undefined) throw causewayError('KEY_SCOPE_TOO_WIDE', { permission: tooWide });
    const wantedExpiry = input.expiresAt === undefined ? null : new Date(input.expiresAt);
    if (wantedExpiry && wantedExpiry <= now) {
      const problems = `expiresAt: ${input.expiresAt ?? ''} has passed; give a time in the future, or none`;
      throw causewayError('REQUEST_INVALID', { problems });
    }
    const secret = keyText(randomBytes(KEY_BYTES));
    const tenant = tenantOf(principal);
    const wanted = {
      id: newId(),
      ...tenant,
      ...holderOf(principal),
      name: input.name.replaceAll('\u0000', '\uFFFD').toWellFormed(),
      keyHash: hashOf(secret),
      masked: maskKey(secret),
      permissions,
      createdAt: now,
      madeById: principal.keyId ?? null,
    };
    const made = await this.store.insert(tenant, principal.keyId, (maker) => {
      const key = { ...wanted, expiresAt: expiryOf(wantedExpiry, maker?.expiresAt ?? null) };
      return { key, event: keyEvent('key.create', key, actOf(input, now)) };
    });
    this.relay.wake();
    return { key: made, secret };
  }

  /** The keys of one holder in a team, without revoked ones. */
  async list(input: InputOf<typeof listKeys>): Promise<ReplyOf<typeof listKeys>> {
    const { items, ...rest } = await this.store.list(input);
    return { keys: items, ...rest };
  }

  /**
   * Revokes a key and every key that was made with it, because a person with a stolen key may have made others. Gateways
   * remove the revoked keys from their caches.
   *
   * @throws CausewayError KEY_UNKNOWN, KEY_OF_MORE, KEY_LAST
   */
  async revoke(input: InputOf<typeof deleteKey>): Promise<void> {
    const { keyId, principal } = input;
    const tenant = tenantOf(principal);
    const at = new Date();
    const revoked = await this.store.revoke(tenant, keyId, at, {
      makerId: principal.keyId,
      check: (key) => checkMayRevoke(key, principal.permissions),
      event: (key) => keyEvent('key.delete', key, actOf(input, at)),
    });
    for (const id of revoked) this.bus.publish(keyChanged, { ...tenant, keyId: id });
    this.relay.wake();
  }
}

function tenantOf({ organisationId, teamId }: Principal): { organisationId: string; teamId: string } {
  return { organisationId, teamId };
}

function holderOf({ kind, id }: Principal): { userId: string } | { serviceAccountId: string } {
  if (kind === 'user') return { userId: id };
  if (kind === 'service_account') return { serviceAccountId: id };
  throw causewayError('PERMISSION_DENIED', { permission: 'key:write' });
}

function actOf(input: { principal: Principal; requestId: string }, at: Date): Act {
  return { id: newId(), at, actor: input.principal, requestId: input.requestId };
}
