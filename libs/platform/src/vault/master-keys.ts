import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { causewayError } from '@causeway/contracts';
import { KEY_BYTES } from './row-key.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A data key as it is stored. */
export interface WrappedKey {
  /** The master key that wrapped it. */
  readonly masterId: string;
  readonly wrapped: string;
}

/**
 * Wraps and unwraps data keys. A key management service (KMS) implements this: `wrap` and `unwrap` are its encrypt and decrypt, `context`
 * its encryption context or additional authenticated data, and the master key never leaves it. `MasterKeys` is the implementation for
 * keys of this machine.
 */
export interface KeyWrapping {
  /** The master key that wraps now. */
  readonly newestId: string;
  /** @param context  what the key belongs to: it unwraps with the same context only */
  wrap(key: Buffer, context: string): Promise<WrappedKey>;
  /** @throws CausewayError SEALED_UNREADABLE for a key that was wrapped with an unknown master key or for another context, or was changed */
  unwrap(wrapped: WrappedKey, context: string): Promise<Buffer>;
  /** Whether it can unwrap what this master key has wrapped. */
  has(masterId: string): boolean;
}

interface MasterKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Master keys of this machine: the first one wraps, and all of them unwrap. AES-256-GCM. */
export class MasterKeys implements KeyWrapping {
  readonly #keys: readonly MasterKey[];

  /** @param keys  32 bytes each, the newest first; at least one */
  constructor(keys: readonly Buffer[]) {
    if (keys.length === 0) throw new Error('there is no master key');
    this.#keys = keys.map((key) => ({
      // What wraps is derived, so that it is of no use for anything that the key itself once sealed.
      key: Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'causeway data keys', KEY_BYTES)),
      id: masterKeyId(key),
    }));
  }

  get newestId(): string {
    return this.#newest.id;
  }

  has(masterId: string): boolean {
    return this.#keys.some(({ id }) => id === masterId);
  }

  async wrap(key: Buffer, context: string): Promise<WrappedKey> {
    const { id, key: master } = this.#newest;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', master, nonce);
    cipher.setAAD(Buffer.from(context));
    const bytes = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
    return { masterId: id, wrapped: bytes.toString('base64url') };
  }

  async unwrap({ masterId, wrapped }: WrappedKey, context: string): Promise<Buffer> {
    const master = this.#keys.find(({ id }) => id === masterId);
    if (!master)
      throw unreadable(`its data key was wrapped with master key ${masterId}, which auth does not have`);
    const bytes = Buffer.from(wrapped, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', master.key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw unreadable('its data key was changed', error);
    }
  }

  get #newest(): MasterKey {
    return this.#keys[0] as MasterKey;
  }
}

/** Reads master keys, the newest first: 32 bytes in base64 each, separated by commas or by whitespace. @throws Error */
export function readMasterKeys(text: string): Buffer[] {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((part) => (/^[A-Za-z0-9+/_-]+={0,2}$/.test(part) ? Buffer.from(part, 'base64') : Buffer.alloc(0)));
  if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES))
    throw new Error('each must be 32 bytes in base64; make one with: openssl rand -base64 32');
  return keys;
}

/** Identifies a master key without disclosing anything about it. */
export function masterKeyId(key: Buffer): string {
  return createHash('sha256')
    .update('causeway master key of data keys\0')
    .update(key)
    .digest('hex')
    .slice(0, 12);
}

function unreadable(problem: string, cause?: unknown): Error {
  return causewayError('SEALED_UNREADABLE', { problem }, { cause });
}
