import type { Readable } from 'node:stream';

/** Bytes named by their SHA-256, in a folder. Injectable. */
export class ObjectStore {
  constructor(_folder: string) {}

  /**
   * Stores bytes. On disk and synced before this settles; the same content twice is one file.
   *
   * @throws CausewayError PAYLOAD_TOO_LARGE beyond `limitBytes`
   */
  put(
    _source: Uint8Array | string | AsyncIterable<Uint8Array>,
    _options: { readonly limitBytes?: number; readonly limitName?: string; readonly what?: string } = {},
  ): Promise<{ sha256: string; bytes: number }> {
    throw new Error('not yet');
  }

  /** @throws CausewayError PAYLOAD_MISSING */
  open(_sha256: string): Promise<Readable> {
    throw new Error('not yet');
  }

  /** Whole content, compared with its hash. @throws CausewayError PAYLOAD_MISSING when absent or damaged */
  read(_sha256: string): Promise<Buffer> {
    throw new Error('not yet');
  }
}
