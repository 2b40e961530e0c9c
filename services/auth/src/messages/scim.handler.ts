import {
  createScim,
  createScimToken,
  deleteScim,
  deleteScimToken,
  describeScim,
  getScim,
  getScimStatus,
  listScim,
  patchScim,
  replaceScim,
  verifyScimToken,
} from '@causeway/contracts';
import type { InputOf, ReplyOf } from '@causeway/contracts';
import { Handles } from '@causeway/platform';
import { Controller } from '@nestjs/common';
import { ScimTokens } from '../operations/scim/scim-tokens.js';
import { Scim } from '../operations/scim/scim.js';

/** Handles what identity providers send about people and groups, and the tokens for it. */
@Controller()
export class ScimHandler {
  constructor(
    private readonly tokens: ScimTokens,
    private readonly scim: Scim,
  ) {}

  /** A second time it is refused: the hash is there already. */
  @Handles(createScimToken)
  createToken(input: InputOf<typeof createScimToken>): Promise<ReplyOf<typeof createScimToken>> {
    return this.tokens.create(input);
  }

  @Handles(deleteScimToken)
  async deleteToken(input: InputOf<typeof deleteScimToken>): Promise<ReplyOf<typeof deleteScimToken>> {
    await this.tokens.delete(input);
    return {};
  }

  @Handles(getScimStatus)
  status(input: InputOf<typeof getScimStatus>): Promise<ReplyOf<typeof getScimStatus>> {
    return this.tokens.status(input);
  }

  @Handles(verifyScimToken)
  verify(input: InputOf<typeof verifyScimToken>): Promise<ReplyOf<typeof verifyScimToken>> {
    return this.tokens.verify(input);
  }

  @Handles(listScim)
  list(input: InputOf<typeof listScim>): Promise<ReplyOf<typeof listScim>> {
    return this.scim.list(input);
  }

  @Handles(getScim)
  get(input: InputOf<typeof getScim>): Promise<ReplyOf<typeof getScim>> {
    return this.scim.get(input);
  }

  /** A second time it is refused: the name is taken then. */
  @Handles(createScim)
  create(input: InputOf<typeof createScim>): Promise<ReplyOf<typeof createScim>> {
    return this.scim.create(input);
  }

  /** Idempotent: the same resource again changes nothing. */
  @Handles(replaceScim)
  replace(input: InputOf<typeof replaceScim>): Promise<ReplyOf<typeof replaceScim>> {
    return this.scim.replace(input);
  }

  /** Idempotent: a value is added once, and what is gone is removed no second time. */
  @Handles(patchScim)
  patch(input: InputOf<typeof patchScim>): Promise<ReplyOf<typeof patchScim>> {
    return this.scim.patch(input);
  }

  @Handles(deleteScim)
  async delete(input: InputOf<typeof deleteScim>): Promise<ReplyOf<typeof deleteScim>> {
    await this.scim.delete(input);
    return {};
  }

  @Handles(describeScim)
  describe(input: InputOf<typeof describeScim>): Promise<ReplyOf<typeof describeScim>> {
    return this.scim.describe(input);
  }
}
