import { causewayError } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { LOCKS_S } from '../../domain/lock.js';
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

/** A try that is counted, and until when it has locked its user name. */
export interface TakenTry {
  readonly userId: string;
  readonly lockedUntil: Date | null;
}

/** $1 the person, $2 for how many seconds 1, 2, 3 … tries lock. The time has milliseconds, so that it is found again. */
const TAKE_TRY = `
update password
set failures = failures + 1,
    locked_until = date_trunc('milliseconds', clock_timestamp())
      + nullif(($2::int[])[least(failures + 1, cardinality($2::int[]))], 0) * interval '1 second'
where user_id = $1::uuid and (locked_until is null or locked_until <= clock_timestamp())
returning locked_until`;

/** $1 the person, $2 until when their try has locked. A lock by another try stays. */
const GIVE_BACK = `
update password
set failures = greatest(failures - 1, 0),
    locked_until = case when locked_until = $2::timestamptz then null else locked_until end
where user_id = $1::uuid`;

const ofWhom = { user: { include: { organisation: true } } } as const;

/** Passwords of people. */
@Injectable()
export class PasswordStore {
  constructor(private readonly tables: Tables) {}

  async findByLogin(login: string, reads: Writes = this.tables.reads): Promise<StoredPassword | undefined> {
    const row = await reads.password.findUnique({ where: { login }, include: ofWhom });
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

  /**
   * Counts a try before anybody knows whether it is right, and locks the user name after several: of tries at the same time no more are
   * made than one after another. @returns the try; undefined while the user name is locked, or when its password is gone
   */
  async takeTry(userId: string): Promise<TakenTry | undefined> {
    const [row] = await this.tables.reads.$queryRawUnsafe<{ locked_until: Date | null }[]>(
      TAKE_TRY,
      userId,
      LOCKS_S,
    );
    return row && { userId, lockedUntil: row.locked_until };
  }

  /** A try that was not about the password after all does not count, and does not lock. */
  async giveBack({ userId, lockedUntil }: TakenTry): Promise<void> {
    await this.tables.reads.$executeRawUnsafe(GIVE_BACK, userId, lockedUntil);
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
