import { INLINE_PAYLOAD_BYTES, type Payload } from '@causeway/contracts';
import type { Vault } from '../vault/vault.js';
import { type ObjectStore, objectName } from './object-store.js';

/**
 * Stores JSON texts of any size: inline up to 64 KiB of UTF-8, else in the object store, sealed if there is a master key. Injectable.
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

  /** @param runId  the run that the text belongs to: its object is removed with the run */
  async store(text: string, runId?: string): Promise<Payload> {
    const stored = text.isWellFormed() ? text : escapeLoneSurrogates(text);
    if (Buffer.byteLength(stored) <= INLINE_PAYLOAD_BYTES) return { inline: stored };
    const owner = runId === undefined ? {} : { runId };
    const object = await this.#objects.put(this.#vault ? this.#vault.sealSame(stored) : stored, owner);
    return { ...object, ...owner };
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

  /** @throws CausewayError PAYLOAD_MISSING */
  async load(payload: Payload): Promise<string> {
    if ('inline' in payload) return payload.inline;
    const stored = (await this.#objects.read(objectName(payload))).toString('utf8');
    return this.#vault ? this.#vault.open(stored) : stored;
  }
}

function escapeLoneSurrogates(text: string): string {
  return text.replaceAll(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}
