import { INLINE_PAYLOAD_BYTES, type Payload, causewayError } from '@causeway/contracts';
import { type SealedPlace, SealedKind } from '../vault/key-source.js';
import type { Vault } from '../vault/vault.js';
import { type ObjectStore, objectName } from './object-store.js';

/** To which run of which organisation a payload belongs. */
export interface PayloadOwner {
  readonly organisationId: string;
  readonly runId: string;
}

/**
 * Stores JSON texts of any size: inline up to 64 KiB of UTF-8, else in the object store, sealed if this process may have keys. Injectable.
 * UTF-8 cannot hold a lone surrogate, but JSON can: it is stored as its escape in both cases, so that the parsed value is the same
 * wherever the text is stored.
 */
export class Payloads {
  readonly #objects: ObjectStore;

  readonly #vault: Vault | undefined;

  constructor(objects: ObjectStore, vault?: Vault) {
    this.#objects = objects;
    this.#vault = vault;
  }

  /** @param owner  its object is removed with the run, and opens only for it */
  async store(text: string, owner: PayloadOwner): Promise<Payload> {
    const stored = text.isWellFormed() ? text : escapeLoneSurrogates(text);
    if (Buffer.byteLength(stored) <= INLINE_PAYLOAD_BYTES) return { inline: stored };
    const { runId } = owner;
    const content = this.#vault ? await this.#vault.sealSame(stored, placeOf(owner)) : stored;
    return { ...(await this.#objects.put(content, { runId })), runId };
  }

  /** Stores a text that is already sealed; `loadSealed` returns it unchanged, still sealed. */
  async storeSealed(text: string, runId: string): Promise<Payload> {
    if (Buffer.byteLength(text) <= INLINE_PAYLOAD_BYTES) return { inline: text };
    return { ...(await this.#objects.put(text, { runId })), runId };
  }

  /** @throws CausewayError PAYLOAD_MISSING */
  async loadSealed(payload: Payload): Promise<string> {
    if ('inline' in payload) return payload.inline;
    return (await this.#objects.read(objectName(payload))).toString('utf8');
  }

  /** @throws CausewayError PAYLOAD_MISSING; SEALED_UNREADABLE for a payload of another organisation */
  async load(payload: Payload, organisationId: string): Promise<string> {
    if ('inline' in payload) return payload.inline;
    const stored = (await this.#objects.read(objectName(payload))).toString('utf8');
    // Objects of earlier builds may not name their run; their seal names no place either.
    const { runId = '' } = payload;
    return this.#vault ? this.#vault.open(stored, placeOf({ organisationId, runId })) : stored;
  }
}

/** The text of a payload in a message, where it is inline whatever its length. @throws CausewayError PAYLOAD_MISSING for one that is not */
export function inlineText(payload: Payload): string {
  if ('inline' in payload) return payload.inline;
  throw causewayError('PAYLOAD_MISSING', { sha256: payload.sha256 });
}

function placeOf({ organisationId, runId }: PayloadOwner): SealedPlace {
  return { organisationId, kind: SealedKind.run, id: runId, part: 'payload' };
}

function escapeLoneSurrogates(text: string): string {
  return text.replaceAll(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}
