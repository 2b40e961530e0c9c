import { authorizeAt } from '@causeway/authz';
import { SealedPassword, causewayError, permissions } from '@causeway/contracts';
import type { InputOf, Principal, ReplyOf, User, deletePassword, setPassword } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { PasswordStore } from '../../store/passwords/password.store.js';
import { UserStore } from '../../store/people/user.store.js';
import type { Writes } from '../../store/tables.js';
import { accessEvent } from '../access-event.js';
import { Changing } from '../changing.js';
import { checkMayGive } from '../check-may-give.js';
import { Sessions } from '../sign-in/sessions.js';
import { Authenticator } from './authenticator.js';
import { checkPassword } from './check-password.js';
import { Hashing } from './hashing.js';
import { Opening } from './opening.js';

/** Gives people passwords and takes them away. Whoever sets a password can sign in as its person, so only those who may do everything do it. */
@Injectable()
export class Passwords {
  constructor(
    private readonly changing: Changing,
    private readonly store: PasswordStore,
    private readonly users: UserStore,
    private readonly sessions: Sessions,
    private readonly hashing: Hashing,
    private readonly authenticator: Authenticator,
    private readonly opening: Opening,
  ) {}

  async set(input: InputOf<typeof setPassword>): Promise<ReplyOf<typeof setPassword>> {
    const { isBreakGlass, userId } = input;
    const { login, password } = await this.opening.open(input.sealed, userId, SealedPassword);
    // Before the change begins: others would wait for the hash.
    const asked = await this.changing.fresh(input.principal);
    mustBeAbleToDoAll(asked);
    const known = await this.get(asked, userId);
    await checkPassword(password, [login, known.name, known.email ?? '']);
    const hash = await this.hashing.hash(password, asked.id);
    const made = isBreakGlass
      ? await this.authenticator.make(login, asked.organisationId, userId)
      : undefined;
    const sessions = await this.changing.change(input, async (writes, actor) => {
      const { principal } = actor;
      const { organisationId } = principal;
      mustBeAbleToDoAll(principal);
      const user = await this.get(principal, userId, writes);
      const { ssoEnforcedAt } = await writes.organisation.findUniqueOrThrow({
        where: { id: organisationId },
      });
      if (ssoEnforcedAt !== null && !isBreakGlass) throw causewayError('SSO_ENFORCED', {});
      const totpSecret = made?.sealedSecret ?? null;
      await this.store.put(writes, { userId, login, hash, isBreakGlass, totpSecret });
      const because = 'the password was changed';
      const ofPassword = { userId, connectionId: null };
      const { ended, events } = await this.sessions.endOf(writes, ofPassword, { ...actor, because });
      const detail = { login, breakGlass: isBreakGlass, sessions: ended.length };
      const event = accessEvent(actor, 'password.update', objectOf(user), detail);
      return { result: ended, events: [event, ...events] };
    });
    this.sessions.tellEnded(sessions);
    return made ? { sealedUri: await this.opening.seal(made.uri, userId) } : {};
  }

  async delete({ userId, ...input }: InputOf<typeof deletePassword>): Promise<void> {
    const sessions = await this.changing.change(input, async (writes, actor) => {
      mustBeAbleToDoAll(actor.principal);
      const user = await this.get(actor.principal, userId, writes);
      const wasThere = await this.store.delete(writes, userId);
      const because = 'the password was taken away';
      const ofPassword = { userId, connectionId: null };
      const { ended, events } = await this.sessions.endOf(writes, ofPassword, { ...actor, because });
      const detail = { sessions: ended.length };
      const event = accessEvent(actor, 'password.delete', objectOf(user), detail);
      return { result: ended, events: [...(wasThere ? [event] : []), ...events] };
    });
    this.sessions.tellEnded(sessions);
  }

  private async get({ organisationId }: Principal, userId: string, reads?: Writes): Promise<User> {
    const user = await this.users.find(organisationId, userId, reads);
    if (!user) throw causewayError('USER_UNKNOWN', { userId });
    return user;
  }
}

function mustBeAbleToDoAll(principal: Principal): void {
  const { organisationId } = principal;
  authorizeAt(principal, 'organisation:write', { organisationId });
  checkMayGive(principal, { name: 'owner', permissions: [...permissions] }, { organisationId });
}

function objectOf({ id, name }: User) {
  return { type: 'user', id, name };
}
