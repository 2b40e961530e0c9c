import { DEFAULT_ORGANISATION_ID } from '@causeway/contracts';
import type { InputOf, ReplyOf, renewOAuthKey } from '@causeway/contracts';
import { authorizeAt } from '@causeway/authz';
import { Vault, log, SealedKind, type SealedPlace } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';
import { OAuthKeyStore, type StoredKey } from '../../store/oauth/oauth-key.store.js';
import { accessEvent } from '../access-event.js';
import { Changing } from '../changing.js';
import { SIGNING_ALGORITHM } from './provider-settings.js';

/** For so long it is not read again which keys there are: another process may have made one. */
const FRESH_MS = 5_000;
/** For so long a former key is published: longer than anything is valid that it has signed. */
const FORMER_MS = 86_400_000;

/** The keys with which ID tokens are signed. Their private halves are sealed where they are stored. */
@Injectable()
export class SigningKeys {
  private read: { readonly atMs: number; readonly keys: Promise<readonly JWK[]> } | undefined;

  constructor(
    private readonly store: OAuthKeyStore,
    private readonly vault: Vault,
    private readonly changing: Changing,
  ) {}

  /** The key that signs, then those that are still published. The first one is made when it is needed. */
  current(): Promise<readonly JWK[]> {
    const nowMs = Date.now();
    if (!this.read || nowMs - this.read.atMs > FRESH_MS) {
      const keys = this.load();
      this.read = { atMs: nowMs, keys };
      keys.catch(() => (this.read = undefined));
    }
    return this.read.keys;
  }

  renew(input: InputOf<typeof renewOAuthKey>): Promise<ReplyOf<typeof renewOAuthKey>> {
    return this.changing.change(input, async (writes, actor) => {
      const { organisationId } = actor.principal;
      authorizeAt(actor.principal, 'organisation:write', { organisationId });
      const key = await this.newKey();
      const until = new Date(Date.now() + FORMER_MS);
      const hasFormer = await this.store.renew(writes, key, until);
      this.read = undefined;
      const object = { type: 'signing_key', id: key.id };
      const event = accessEvent(actor, 'signing_key.create', object, {});
      return {
        result: { keyId: key.id, formerUntil: hasFormer ? until.toISOString() : null },
        events: [event],
      };
    });
  }

  private async load(): Promise<readonly JWK[]> {
    const found = await this.store.list();
    if (found.length > 0) return Promise.all(found.map((stored) => this.open(stored)));
    const key = await this.newKey();
    await this.store.ensure(key);
    log.info({ keyId: key.id }, 'key for ID tokens made');
    return Promise.all((await this.store.list()).map((stored) => this.open(stored)));
  }

  private async open({ id, sealed }: Pick<StoredKey, 'id' | 'sealed'>): Promise<JWK> {
    return JSON.parse(await this.vault.open(sealed, placeOf(id))) as JWK;
  }

  private async newKey(): Promise<StoredKey> {
    const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
    const jwk = await exportJWK(privateKey);
    const id = await calculateJwkThumbprint(jwk);
    const text = JSON.stringify({ ...jwk, kid: id, alg: SIGNING_ALGORITHM, use: 'sig' });
    return { id, sealed: await this.vault.seal(text, placeOf(id)) };
  }
}

/** These keys are of the whole platform, so it is the first organisation's key that seals. */
function placeOf(id: string): SealedPlace {
  return { organisationId: DEFAULT_ORGANISATION_ID, kind: SealedKind.signingKey, id };
}
