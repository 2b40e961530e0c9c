import { DEFAULT_ORGANISATION_ID } from '@causeway/contracts';
import { SealedKind, type SealedPlace, Vault } from '@causeway/platform';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

/** Opens what the gateway has sealed for auth. Whoever signs in has not said of which organisation they are, so it is the first one's key that seals. */
@Injectable()
export class Opening {
  constructor(private readonly vault: Vault) {}

  /**
   * @param id  what the message is about: the hash of a new token, or a person
   * @throws CausewayError SEALED_UNREADABLE; Error when something else is sealed
   */
  async open<T extends z.ZodType>(sealed: string, id: string, as: T): Promise<z.infer<T>> {
    return as.parse(JSON.parse(await this.vault.open(sealed, typedPlace(id))));
  }

  seal(text: string, id: string): Promise<string> {
    return this.vault.seal(text, typedPlace(id));
  }
}

/** The place of what the gateway seals for auth, and auth for it. */
export function typedPlace(id: string): SealedPlace {
  return { organisationId: DEFAULT_ORGANISATION_ID, kind: SealedKind.typed, id };
}
