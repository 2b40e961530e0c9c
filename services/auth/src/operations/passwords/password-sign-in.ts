import { SealedSignIn, auditEvent, causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, signInWithPassword } from '@causeway/contracts';
import { newId } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import { PasswordStore, type StoredPassword } from '../../store/passwords/password.store.js';
import { Sessions } from '../sign-in/sessions.js';
import { Authenticator } from './authenticator.js';
import { Hashing } from './hashing.js';
import { Opening } from './opening.js';

/** From where somebody signs in, and the hash of the token that they get. */
export type From = Omit<InputOf<typeof signInWithPassword>, 'sealed'>;

/** Signs people in with their passwords. */
@Injectable()
export class PasswordSignIn {
  constructor(
    private readonly store: PasswordStore,
    private readonly hashing: Hashing,
    private readonly authenticator: Authenticator,
    private readonly sessions: Sessions,
    private readonly opening: Opening,
  ) {}

  /** Whether people of any organisation may. */
  async offer(): Promise<{ forEverybody: boolean }> {
    return { forEverybody: await this.store.isForAnybody() };
  }

  /** What is not said until the password is right: whether there is the user name, and why else its person cannot sign in. */
  async signIn({
    sealed,
    ...from
  }: InputOf<typeof signInWithPassword>): Promise<ReplyOf<typeof signInWithPassword>> {
    const { login, password, code } = await this.opening.open(sealed, from.tokenHash, SealedSignIn);
    const stored = await this.store.findByLogin(login);
    const lockedMs = (stored?.lockedUntil?.getTime() ?? 0) - Date.now();
    if (lockedMs > 0) throw causewayError('PASSWORD_LOCKED', { retryAfterS: Math.ceil(lockedMs / 1_000) });
    const isRight = await this.hashing.isRight(password, stored?.hash);
    if (!stored) throw causewayError('PASSWORD_WRONG', {});
    if (!isRight) {
      await this.store.noteWrong(stored.userId);
      throw causewayError('PASSWORD_WRONG', {});
    }
    const step = await this.checkCode(stored, code);
    if (stored.user.disabledAt !== null) throw causewayError('USER_DISABLED', { name: stored.user.name });
    if (stored.user.organisation.ssoEnforcedAt !== null && !stored.isBreakGlass)
      throw causewayError('SSO_ENFORCED', {});
    return { expiresAt: await this.begin(stored, step, from) };
  }

  private async checkCode(stored: StoredPassword, code: string | undefined): Promise<bigint | undefined> {
    if (stored.totpSecret === null) return undefined;
    if (code === undefined || code.trim() === '') throw causewayError('PASSWORD_CODE_NEEDED', {});
    const step = await this.authenticator.findStep(stored, code, Date.now());
    if (step !== undefined) return step;
    await this.store.noteWrong(stored.userId);
    throw causewayError('PASSWORD_WRONG', {});
  }

  private async begin(
    { userId, isBreakGlass, login, user }: StoredPassword,
    step: bigint | undefined,
    { tokenHash, formerHash, address, userAgent, requestId }: From,
  ): Promise<string> {
    const { organisationId, teamId, name } = user;
    return this.sessions.telling(organisationId, async (writes) => {
      // Somebody else took the same code at this moment.
      if (!(await this.store.noteRight(writes, userId, step))) throw causewayError('PASSWORD_WRONG', {});
      const { id, expiresAt, ended, events } = await this.sessions.begin(
        writes,
        {
          organisationId,
          userId,
          teamId,
          connectionId: null,
          tokenHash,
          providerSession: null,
          idToken: null,
          address: address ?? null,
          userAgent: userAgent?.replaceAll('\u0000', '\uFFFD').toWellFormed() ?? null,
        },
        { name, formerHash, requestId },
      );
      const event = auditEvent({
        id: newId(),
        at: new Date(),
        tenant: { organisationId, teamId },
        actor: { kind: 'user', id: userId, name, sessionId: id },
        action: 'session.create',
        object: { type: 'session', id },
        from: { address, userAgent },
        requestId,
        detail: { login, ...(isBreakGlass && { breakGlass: true }) },
      });
      return { result: expiresAt.toISOString(), events: [event, ...events], ended };
    });
  }
}
