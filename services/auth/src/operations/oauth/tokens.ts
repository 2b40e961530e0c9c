import { causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, endOAuthGrant, listOAuthGrants, verifyToken } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { checkNoToken } from '../../domain/check-no-token.js';
import { TokenStore } from '../../store/oauth/token.store.js';
import { PrincipalStore } from '../../store/principal.store.js';
import { Changing } from '../changing.js';
import { Ending } from './ending.js';

/** An answer that began with a valid token may take so long; tokens are kept for at least a day after they have expired. */
const LONGEST_ANSWER_S = 80_000;
const GRANTS = 'see or end what a person has allowed programs';

/** Verifies access tokens, and shows and ends what people have allowed programs. */
@Injectable()
export class Tokens {
  constructor(
    private readonly principals: PrincipalStore,
    private readonly store: TokenStore,
    private readonly changing: Changing,
    private readonly ending: Ending,
  ) {}

  /** In one statement. */
  async verify({
    tokenHash,
    again = false,
  }: InputOf<typeof verifyToken>): Promise<ReplyOf<typeof verifyToken>> {
    const found = await this.principals.findByToken(tokenHash, again ? LONGEST_ANSWER_S : 0);
    if (!found) throw causewayError('TOKEN_INVALID', {});
    return found;
  }

  /** The caller's own. */
  async list(input: InputOf<typeof listOAuthGrants>): Promise<ReplyOf<typeof listOAuthGrants>> {
    checkNoToken(input.principal, GRANTS);
    const principal = await this.changing.fresh(input.principal);
    return this.store.list(principal.id, input.page);
  }

  /** The caller's own. */
  async end({ grantId, requestId, ...input }: InputOf<typeof endOAuthGrant>): Promise<void> {
    checkNoToken(input.principal, GRANTS);
    const principal = await this.changing.fresh(input.principal);
    const grant = await this.store.findGrant(grantId);
    if (grant?.userId !== principal.id || grant.organisationId !== principal.organisationId)
      throw causewayError('GRANT_UNKNOWN', { grantId });
    await this.ending.endGrant(grantId, { requestId, actor: principal, because: 'the person ended it' });
  }
}
