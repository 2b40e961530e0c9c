import { SealedSignIn, auditEvent, causewayError } from '@causeway/contracts';
import type { InputOf, ReplyOf, signInWithPassword } from '@causeway/contracts';
import { type CausewayError, isCausewayError } from '@causeway/dag';
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
    if (!stored) {
      await this.hashing.isRight(password, undefined, networkOf(from));
      throw causewayError('PASSWORD_WRONG', {});
    }
    const taken = await this.store.takeTry(stored.userId);
    if (!taken) throw await this.lockOf(login);
    try {
      if (!(await this.hashing.isRight(password, stored.hash, networkOf(from))))
        throw causewayError('PASSWORD_WRONG', {});
      const step = await this.findStep(stored, code);
      return { expiresAt: await this.begin(stored, step, from) };
    } catch (error) {
      if (!isCausewayError(error) || error.code !== 'PASSWORD_WRONG') await this.store.giveBack(taken);
      throw error;
    }
  }

  private async lockOf(login: string): Promise<CausewayError> {
    const lockedUntil = (await this.store.findByLogin(login))?.lockedUntil?.getTime() ?? 0;
    const lockedMs = Math.max(1, lockedUntil - Date.now());
    return causewayError('PASSWORD_LOCKED', { retryAfterS: Math.ceil(lockedMs / 1_000) });
  }

  private async findStep(stored: StoredPassword, code: string | undefined): Promise<bigint | undefined> {
    if (stored.totpSecret === null) return undefined;
    if (code === undefined || code.trim() === '') throw causewayError('PASSWORD_CODE_NEEDED', {});
    const step = await this.authenticator.findStep(stored, code, Date.now());
    if (step === undefined) throw causewayError('PASSWORD_WRONG', {});
    return step;
  }

  /** Who was disabled while the password was checked, or whose password or organisation was changed, is not let in. */
  private async begin(
    { userId, isBreakGlass, login, hash, user }: StoredPassword,
    step: bigint | undefined,
    { tokenHash, formerHash, address, userAgent, requestId }: From,
  ): Promise<string> {
    const { organisationId, teamId, name } = user;
    return this.sessions.telling(organisationId, async (writes) => {
      const current = await this.store.findByLogin(login, writes);
      if (current?.userId !== userId || current.hash !== hash) throw causewayError('PASSWORD_WRONG', {});
      if (current.user.disabledAt !== null) throw causewayError('USER_DISABLED', { name });
      if (current.user.organisation.ssoEnforcedAt !== null && !current.isBreakGlass)
        throw causewayError('SSO_ENFORCED', {});
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

function networkOf({ network, address = '' }: From): string {
  return network ?? address;
}
