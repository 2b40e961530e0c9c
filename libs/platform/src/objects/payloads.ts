import { INLINE_PAYLOAD_BYTES, type Payload } from '@causeway/contracts';
import type { ObjectStore } from './object-store.js';

/**
 * JSON texts of any size: inline up to 64 KiB of UTF-8, else in the object store. Injectable.
 * UTF-8 has no form for a lone surrogate, but JSON has: such a one is stored as its escape, in both forms, so that the
 * parsed value is the same wherever the text went.
 */
export class Payloads {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  async store(text: string): Promise<Payload> {
    const stored = text.isWellFormed() ? text : escapeLoneSurrogates(text);
    if (Buffer.byteLength(stored) <= INLINE_PAYLOAD_BYTES) return { inline: stored };
    return this.#objects.put(stored);
  }

  /** @throws CausewayError PAYLOAD_MISSING */
  async load(payload: Payload): Promise<string> {
    return 'inline' in payload ? payload.inline : (await this.#objects.read(payload.sha256)).toString('utf8');
  }
}

function escapeLoneSurrogates(text: string): string {
  return text.replaceAll(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
  );
}
