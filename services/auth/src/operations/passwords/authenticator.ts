import { SealedKind, type SealedPlace, Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { StoredPassword } from '../../store/passwords/password.store.js';

const PERIOD_S = 30;
/** Steps before and after now of which a code is taken: clocks differ. */
const WINDOW = 1;
const SECRET_BYTES = 20;

/** Codes of authenticator apps. Source: RFC 6238. */
@Injectable()
export class Authenticator {
  constructor(private readonly vault: Vault) {}

  /** A new secret of a person, sealed, and the address that an app reads. */
  async make(
    login: string,
    organisationId: string,
    userId: string,
  ): Promise<{ sealedSecret: string; uri: string }> {
    const { Secret, TOTP } = await import('otpauth');
    const secret = new Secret({ size: SECRET_BYTES });
    const uri = new TOTP({ issuer: 'Causeway', label: login, secret, period: PERIOD_S }).toString();
    const sealedSecret = await this.vault.seal(secret.base32, placeOf(organisationId, userId));
    return { sealedSecret, uri };
  }

  /** The time step of a code that is right and was not taken before; undefined for any other one. */
  async findStep(
    { userId, totpSecret, totpStep, user }: StoredPassword,
    code: string,
    nowMs: number,
  ): Promise<bigint | undefined> {
    if (totpSecret === null) return undefined;
    const { Secret, TOTP } = await import('otpauth');
    const secret = await this.vault.open(totpSecret, placeOf(user.organisationId, userId));
    const totp = new TOTP({ secret: Secret.fromBase32(secret), period: PERIOD_S });
    const delta = totp.validate({ token: code.replaceAll(/\s/g, ''), window: WINDOW, timestamp: nowMs });
    if (delta === null) return undefined;
    const step = BigInt(Math.floor(nowMs / 1_000 / PERIOD_S) + delta);
    return totpStep !== null && step <= totpStep ? undefined : step;
  }
}

function placeOf(organisationId: string, userId: string): SealedPlace {
  return { organisationId, kind: SealedKind.authenticator, id: userId };
}
