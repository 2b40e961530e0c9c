import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, verifyKey } from '@causeway/contracts';
import type { CausewayError } from '@causeway/dag';
import { Injectable } from '@nestjs/common';
import { PrincipalStore } from '../store/principal.store.js';
import { KeyUses } from './key-uses.js';

/** Verifies keys. */
@Injectable()
export class Verifying {
  constructor(
    private readonly principals: PrincipalStore,
    private readonly uses: KeyUses,
  ) {}

  /** Finds the principal of the key with this hash, in one statement. The use is written later. */
  async verify({ keyHash, again }: InputOf<typeof verifyKey>): Promise<ReplyOf<typeof verifyKey>> {
    const found = await this.principals.findByKey(keyHash);
    if (!found) throw await this.refusalOf(keyHash);
    if (!again) this.uses.add(found.principal.keyId, 1, new Date());
    return found;
  }

  /** Whoever has the key may know why it does not work; about other keys, nobody learns anything. */
  private async refusalOf(keyHash: string): Promise<CausewayError> {
    const reason = await this.principals.whyUnusable(keyHash);
    return reason === undefined
      ? causewayError('KEY_INVALID', {})
      : causewayError('KEY_UNUSABLE', { reason });
  }
}
