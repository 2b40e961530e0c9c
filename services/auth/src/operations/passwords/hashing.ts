import { randomBytes, scrypt } from 'node:crypto';
import { causewayError, isSameSecret } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';
import { FairQueue } from '../../domain/fair-queue.js';

/** Cost of a hash: 32 MiB and about a fifth of a second. Source: OWASP Password Storage Cheat Sheet, scrypt. */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const BYTES = 32;
const SALT_BYTES = 16;
/** Hashes at the same time. */
const AT_ONCE = 2;
const BUSY_S = 5;

/** Hashes passwords, a few at a time: each costs memory and a processor. Callers from different networks get their turns in turn. */
@Injectable()
export class Hashing {
  private running = 0;
  private readonly waiting = new FairQueue();

  /** `scrypt$N$r$p$salt$hash`. @param network  from where the caller comes @throws CausewayError SIGN_IN_BUSY */
  async hash(password: string, network: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const { N, r, p } = COST;
    const hash = await this.derive(password, salt, COST, network);
    return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
  }

  /**
   * Whether a password is the one of a hash. Without a hash it takes as long, and is false: nobody learns whether there is one.
   *
   * @throws CausewayError SIGN_IN_BUSY
   */
  async isRight(password: string, stored: string | undefined, network: string): Promise<boolean> {
    const [, N, r, p, salt = '', hash = ''] = stored?.split('$') ?? [];
    if (stored === undefined) {
      await this.derive(password, Buffer.alloc(SALT_BYTES), COST, network);
      return false;
    }
    const wanted = Buffer.from(hash, 'base64url');
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    const found = await this.derive(password, Buffer.from(salt, 'base64url'), cost, network);
    return isSameSecret(found, wanted);
  }

  private async derive(
    password: string,
    salt: Buffer,
    cost: { N: number; r: number; p: number },
    network: string,
  ): Promise<Buffer> {
    await this.turn(network);
    try {
      // The same characters can be written in several ways; a person does not see which one a keyboard makes.
      const text = password.normalize('NFKC');
      const maxmem = 2 * 128 * cost.N * cost.r;
      return await new Promise((resolve, reject) =>
        scrypt(text, salt, BYTES, { ...cost, maxmem }, (error, key) =>
          error ? reject(error) : resolve(key),
        ),
      );
    } finally {
      this.running -= 1;
      this.waiting.next()?.();
    }
  }

  private async turn(network: string): Promise<void> {
    if (this.running >= AT_ONCE)
      await new Promise<void>((resolve) => {
        if (!this.waiting.add(network, resolve)) throw causewayError('SIGN_IN_BUSY', { retryAfterS: BUSY_S });
      });
    this.running += 1;
  }
}
