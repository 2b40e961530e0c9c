import {
  countKeyUses,
  createKey,
  deleteKey,
  findPageOrigin,
  listAccountKeys,
  listKeys,
  rotateKey,
  verifyKey,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { KeyUses } from '../operations/key-uses.js';
import { Keys } from '../operations/keys.js';
import { RotatingKeys } from '../operations/rotating-keys.js';
import { Verifying } from '../operations/verifying.js';

/** Handles requests about keys. */
@Controller()
export class KeysHandler {
  constructor(
    private readonly keys: Keys,
    private readonly verifying: Verifying,
    private readonly uses: KeyUses,
    private readonly rotating: RotatingKeys,
  ) {}

  @Handles(verifyKey)
  verify(input: InputOf<typeof verifyKey>): Promise<ReplyOf<typeof verifyKey>> {
    return this.verifying.verify(input);
  }

  @Handles(countKeyUses)
  count({ uses }: InputOf<typeof countKeyUses>): ReplyOf<typeof countKeyUses> {
    for (const { keyId, count, lastUsedAt } of uses) this.uses.add(keyId, count, new Date(lastUsedAt));
    return {};
  }

  @Handles(findPageOrigin)
  findOrigin(input: InputOf<typeof findPageOrigin>): Promise<ReplyOf<typeof findPageOrigin>> {
    return this.keys.findOrigin(input);
  }

  @Handles(createKey)
  create(input: InputOf<typeof createKey>): Promise<ReplyOf<typeof createKey>> {
    return this.keys.create(input);
  }

  /** A second request is refused, because the key ends by then. */
  @Handles(rotateKey)
  rotate(input: InputOf<typeof rotateKey>): Promise<ReplyOf<typeof rotateKey>> {
    return this.rotating.rotate(input);
  }

  @Handles(listKeys)
  list(input: InputOf<typeof listKeys>): Promise<ReplyOf<typeof listKeys>> {
    return this.keys.list(input);
  }

  @Handles(listAccountKeys)
  listOfAccount(input: InputOf<typeof listAccountKeys>): Promise<ReplyOf<typeof listAccountKeys>> {
    return this.keys.listOfAccount(input);
  }

  /** Can be repeated safely: a revoked key stays revoked, and a second request is refused with KEY_UNKNOWN. */
  @Handles(deleteKey)
  delete(input: InputOf<typeof deleteKey>): Promise<ReplyOf<typeof deleteKey>> {
    return this.keys.revoke(input);
  }
}
