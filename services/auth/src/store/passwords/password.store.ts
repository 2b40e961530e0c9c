import { causewayError } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { lockSeconds } from '../../domain/lock.js';
import { Prisma, type Password as PasswordRow } from '../generated/client.js';
import { Tables, type Writes } from '../tables.js';

/** A password with its person and how their organisation signs in. */
export type StoredPassword = PasswordRow & {
  readonly user: {
    readonly organisationId: string;
    readonly teamId: string;
    readonly name: string;
    readonly disabledAt: Date | null;
    readonly organisation: { readonly ssoEnforcedAt: Date | null };
  };
};

/** A password to store. */
export type NewPassword = Pick<PasswordRow, 'userId' | 'login' | 'hash' | 'isBreakGlass' | 'totpSecret'>;

const ofWhom = { user: { include: { organisation: true } } } as const;

/** Passwords of people. */
@Injectable()
export class PasswordStore {
  constructor(private readonly tables: Tables) {}

  async findByLogin(login: string): Promise<StoredPassword | undefined> {
    const row = await this.tables.reads.password.findUnique({ where: { login }, include: ofWhom });
    return row ?? undefined;
  }

  /** Gives a person a password in the place of a former one. @throws CausewayError LOGIN_TAKEN */
  async put(writes: Writes, password: NewPassword): Promise<void> {
    const { userId, login } = password;
    const taken = await writes.password.findFirst({ where: { login, userId: { not: userId } } });
    if (taken) throw causewayError('LOGIN_TAKEN', { login });
    const fresh = { ...password, totpStep: null, failures: 0, lockedUntil: null, changedAt: new Date() };
    // Another organisation may take the same user name at this moment.
    await writes.password
      .upsert({ where: { userId }, create: fresh, update: fresh })
      .catch((error: unknown) => {
        const isTaken = error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';
        throw isTaken ? causewayError('LOGIN_TAKEN', { login }) : error;
      });
  }

  /** @returns whether there was one */
  async delete(writes: Writes, userId: string): Promise<boolean> {
    return (await writes.password.deleteMany({ where: { userId } })).count > 0;
  }

  /** Counts a wrong try, and locks the user name after several. */
  async noteWrong(userId: string): Promise<void> {
    const { failures } = await this.tables.reads.password.update({
      where: { userId },
      data: { failures: { increment: 1 } },
    });
    const seconds = lockSeconds(failures);
    if (seconds === 0) return;
    const lockedUntil = new Date(Date.now() + seconds * 1_000);
    await this.tables.reads.password.update({ where: { userId }, data: { lockedUntil } });
  }

  /** Notes a right try. A code is taken once: of two at the same time, one is. @returns whether this one was taken */
  async noteRight(writes: Writes, userId: string, totpStep: bigint | undefined): Promise<boolean> {
    const fresh = totpStep === undefined ? {} : { OR: [{ totpStep: null }, { totpStep: { lt: totpStep } }] };
    const { count } = await writes.password.updateMany({
      where: { userId, ...fresh },
      data: { failures: 0, lockedUntil: null, ...(totpStep !== undefined && { totpStep }) },
    });
    return count === 1;
  }

  /** Whether people of any organisation sign in with a password. */
  async isForAnybody(): Promise<boolean> {
    return (await this.tables.reads.organisation.count({ where: { ssoEnforcedAt: null } })) > 0;
  }
}
