import { Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';

const PERIOD_S = 30;
/** Steps before and after now of which a code is taken: clocks differ. */
const WINDOW = 1;
const SECRET_BYTES = 20;

/** Codes of authenticator apps. Source: RFC 6238. */
@Injectable()
export class Authenticator {
  constructor(private readonly vault: Vault) {}

  /** A new secret, sealed, and the address that an app reads. */
  async make(login: string): Promise<{ sealedSecret: string; uri: string }> {
    const { Secret, TOTP } = await import('otpauth');
    const secret = new Secret({ size: SECRET_BYTES });
    const uri = new TOTP({ issuer: 'Causeway', label: login, secret, period: PERIOD_S }).toString();
    return { sealedSecret: this.vault.seal(secret.base32), uri };
  }

  /** The time step of a code that is right and was not taken before; undefined for any other one. */
  async findStep(
    sealedSecret: string,
    code: string,
    lastStep: bigint | null,
    nowMs: number,
  ): Promise<bigint | undefined> {
    const { Secret, TOTP } = await import('otpauth');
    const totp = new TOTP({ secret: Secret.fromBase32(this.vault.open(sealedSecret)), period: PERIOD_S });
    const delta = totp.validate({ token: code.replaceAll(/\s/g, ''), window: WINDOW, timestamp: nowMs });
    if (delta === null) return undefined;
    const step = BigInt(Math.floor(nowMs / 1_000 / PERIOD_S) + delta);
    return lastStep !== null && step <= lastStep ? undefined : step;
  }
}
