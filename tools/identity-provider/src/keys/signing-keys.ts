import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { seededKey } from './seeded-key.js';

export type SigningAlgorithm = 'RS256' | 'ES256';

/** The key that signs, and the one before it, whose tokens are still accepted. */
export class SigningKeys {
  private rotations = 0;
  private current!: JWK;
  private previous: JWK | undefined;

  private constructor(
    readonly algorithm: SigningAlgorithm,
    private readonly seed: string,
  ) {}

  /** @param seed  the same seed gives the same keys, in the same order; without one they are random */
  static async create(
    algorithm: SigningAlgorithm,
    seed = randomBytes(32).toString('hex'),
  ): Promise<SigningKeys> {
    const keys = new SigningKeys(algorithm, seed);
    keys.current = await keys.derive(0);
    return keys;
  }

  /** Signs with the next key from now on. */
  async rotate(keepPrevious: boolean): Promise<void> {
    const next = await this.derive(this.rotations + 1);
    this.rotations += 1;
    this.previous = keepPrevious ? this.current : undefined;
    this.current = next;
  }

  /** Private keys, the one that signs first. */
  list(): JWK[] {
    return this.previous === undefined ? [this.current] : [this.current, this.previous];
  }

  /** Signs these claims unchanged. */
  async sign(claims: JWTPayload, typ = 'JWT'): Promise<string> {
    return signWith(this.current, this.current, claims, typ);
  }

  /** Names the published key, and signs with one that is never published. */
  async signWithOtherKey(claims: JWTPayload): Promise<string> {
    return signWith(this.current, await this.derive(-1), claims, 'JWT');
  }

  private async derive(number: number): Promise<JWK> {
    const key = seededKey(this.algorithm, `${this.seed} ${number}`);
    return { ...key, kid: await calculateJwkThumbprint(key), use: 'sig', alg: this.algorithm };
  }
}

async function signWith(named: JWK, key: JWK, claims: JWTPayload, typ: string): Promise<string> {
  const { alg = '', kid = '' } = named;
  return new SignJWT(claims).setProtectedHeader({ alg, kid, typ }).sign(await importJWK(key, alg));
}
