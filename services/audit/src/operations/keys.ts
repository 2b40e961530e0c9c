import { publicKeyText } from '@causeway/audit-chain';
import type { ReplyOf } from '@causeway/contracts';
import type { listAuditKeys } from '@causeway/contracts';
import { SETTINGS } from '@causeway/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../config.js';

/** The public keys with which exports are checked. */
@Injectable()
export class Keys {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  list(): ReplyOf<typeof listAuditKeys> {
    const { auditSigningKey: current, auditPublicKeys: former } = this.settings;
    const item = (keyId: string, key: Parameters<typeof publicKeyText>[0], isCurrent: boolean) => ({
      keyId,
      publicKey: publicKeyText(key),
      isCurrent,
    });
    return {
      items: [
        item(current.keyId, current.publicKey, true),
        ...former
          .filter(({ keyId }) => keyId !== current.keyId)
          .map(({ keyId, key }) => item(keyId, key, false)),
      ],
    };
  }
}
