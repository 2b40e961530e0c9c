import { authorizeAt } from '@causeway/authz';
import { causewayError, keyChanged } from '@causeway/contracts';
import type { InputOf, Principal, ReplyOf, rotateKey } from '@causeway/contracts';
import { Bus, newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { checkNoToken } from '../domain/check-no-token.js';
import { keyEvent } from '../domain/key-event.js';
import type { ApiKey as KeyRow } from '../store/generated/client.js';
import { KeyStore } from '../store/key.store.js';
import type { Writes } from '../store/tables.js';
import { Changing, type FreshActor } from './changing.js';
import { Keys } from './keys.js';
import { makerOf } from '../domain/maker-of.js';

/** Gives keys successors. */
@Injectable()
export class RotatingKeys {
  constructor(
    private readonly keys: Keys,
    private readonly store: KeyStore,
    private readonly changing: Changing,
    private readonly bus: Bus,
  ) {}

  async rotate(input: InputOf<typeof rotateKey>): Promise<ReplyOf<typeof rotateKey>> {
    const { keyId, keyHash, masked, overlapS } = input;
    checkNoToken(input.principal, 'rotate keys');
    const now = new Date();
    const formerUntil = new Date(now.getTime() + overlapS * 1_000);
    const { key, former } = await this.changing.change(input, async (writes, actor) => {
      const { principal, requestId } = actor;
      const { organisationId } = principal;
      const { root } = await this.store.lockTree(writes, organisationId, keyId);
      await this.keys.checkMayRevoke(writes, principal, root, [root]);
      const former = await this.store.get(writes, keyId);
      checkHolder(principal, former);
      const madeById = await this.makerOf(writes, actor, former);
      if (former.isBootstrap)
        throw notRotatable(keyId, 'it comes from a setting: change CAUSEWAY_BOOTSTRAP_API_KEY');
      if (former.expiresAt && former.expiresAt <= formerUntil)
        throw notRotatable(keyId, `it ends at ${former.expiresAt.toISOString()} anyway: make another key`);
      const { teamId, userId, serviceAccountId, name, permissions, origins, expiresAt, madeByTokenId } =
        former;
      const wanted = {
        id: newId(),
        organisationId,
        teamId,
        userId,
        serviceAccountId,
        name,
        keyHash,
        masked,
        permissions,
        origins,
        createdAt: now,
        expiresAt,
        ...makerOf(principal),
        madeById,
        madeByTokenId,
      };
      const made = await this.store.keepingOwner(writes, organisationId, () =>
        this.store.insertSuccessor(writes, wanted, former.id, formerUntil),
      );
      const act = () => ({ id: newId(), at: now, actor: principal, requestId });
      const events = [
        keyEvent('key.create', { ...wanted, succeedsId: keyId }, act()),
        keyEvent('key.update', { ...former, expiresAt: formerUntil }, act()),
      ];
      return { result: { key: made, former }, events };
    });
    const { organisationId, teamId } = former;
    this.bus.publish(keyChanged, { organisationId, teamId, keyId });
    return { key, formerUntil: formerUntil.toISOString() };
  }

  /**
   * Whose end ends the successor. Whoever has stolen a key may have rotated it, so the former key is the maker unless somebody with another key does it, who then is.
   *
   * @throws CausewayError KEY_NOT_ROTATABLE, KEY_OUTLIVES_MAKER
   */
  private async makerOf(
    writes: Writes,
    { principal, expiresAt }: FreshActor,
    former: KeyRow,
  ): Promise<string | null> {
    const { keyId } = principal;
    if (keyId === undefined) return null;
    if (await this.store.isMadeWith(writes, former.id, keyId)) return former.id;
    if (await this.store.isMadeWith(writes, keyId, former.id))
      throw notRotatable(former.id, 'the key that you use was made with it: use that key itself');
    const ends = expiresAt === null ? undefined : new Date(expiresAt);
    if (ends && (former.expiresAt === null || former.expiresAt > ends))
      throw causewayError('KEY_OUTLIVES_MAKER', { expiresAt: ends.toISOString() });
    return keyId;
  }
}

/** Whoever gets the successor may act as its holder, so it is their own, or that of an account for which they may make keys. */
function checkHolder(principal: Principal, { id, userId, serviceAccountId, teamId }: KeyRow): void {
  if (principal.id === (userId ?? serviceAccountId)) return;
  if (serviceAccountId === null) throw notRotatable(id, 'it is somebody else’s: only they can');
  authorizeAt(principal, 'member:write', { organisationId: principal.organisationId, teamId });
}

function notRotatable(keyId: string, problem: string): Error {
  return causewayError('KEY_NOT_ROTATABLE', { keyId, problem });
}
