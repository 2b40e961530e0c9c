import { randomBytes, scrypt } from 'node:crypto';
import { causewayError, isSameSecret } from '@causeway/contracts';
import { Injectable } from '@nestjs/common';

/** Cost of a hash: 32 MiB and about a fifth of a second. Source: OWASP Password Storage Cheat Sheet, scrypt. */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const BYTES = 32;
const SALT_BYTES = 16;
/** Hashes at the same time, and requests that may wait for their turn. */
const AT_ONCE = 2;
const MOST_WAITING = 50;
const BUSY_S = 5;

/** Hashes passwords, a few at a time: each costs memory and a processor. */
@Injectable()
export class Hashing {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** `scrypt$N$r$p$salt$hash`. @throws CausewayError SIGN_IN_BUSY */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const { N, r, p } = COST;
    const hash = await this.derive(password, salt, COST);
    return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
  }

  /**
   * Whether a password is the one of a hash. Without a hash it takes as long, and is false: nobody learns whether there is one.
   *
   * @throws CausewayError SIGN_IN_BUSY
   */
  async isRight(password: string, stored: string | undefined): Promise<boolean> {
    const [, N, r, p, salt = '', hash = ''] = stored?.split('$') ?? [];
    if (stored === undefined) {
      await this.derive(password, Buffer.alloc(SALT_BYTES), COST);
      return false;
    }
    const wanted = Buffer.from(hash, 'base64url');
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    const found = await this.derive(password, Buffer.from(salt, 'base64url'), cost);
    return isSameSecret(found, wanted);
  }

  private async derive(
    password: string,
    salt: Buffer,
    cost: { N: number; r: number; p: number },
  ): Promise<Buffer> {
    await this.turn();
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
      this.waiting.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= MOST_WAITING) throw causewayError('SIGN_IN_BUSY', { retryAfterS: BUSY_S });
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.running += 1;
  }
}
