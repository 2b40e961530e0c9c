import { Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

/** Opens what the gateway has sealed for auth. */
@Injectable()
export class Opening {
  constructor(private readonly vault: Vault) {}

  /** @throws CausewayError SEALED_UNREADABLE; Error when something else is sealed */
  open<T extends z.ZodType>(sealed: string, as: T): z.infer<T> {
    return as.parse(JSON.parse(this.vault.open(sealed)));
  }

  seal(text: string): string {
    return this.vault.seal(text);
  }
}
