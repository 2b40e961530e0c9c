import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { causewayError } from '@causeway/contracts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The encoding of the text: UTF-8, or UTF-16 for a text with lone surrogates, which UTF-8 cannot hold. */
const encodings = { v1: 'utf8', v1w: 'utf16le' } as const;

/** Seals secrets with the master key: AES-256-GCM, `<form>.<key id>.<nonce, text, tag>`. Injectable. */
export class Vault {
  readonly #key: Buffer;
  /** Identifies the key without disclosing anything about it. */
  readonly keyId: string;

  /**
   * @param masterKey  32 bytes in base64
   * @throws Error for any other text
   */
  constructor(masterKey: string) {
    this.#key = Buffer.from(masterKey, 'base64');
    if (this.#key.length !== KEY_BYTES) throw new Error('The master key must be 32 bytes in base64.');
    this.keyId = createHash('sha256')
      .update('causeway master key\0')
      .update(this.#key)
      .digest('hex')
      .slice(0, 8);
  }

  /** Seals any text. The result is safe in JSON and columns, and differs each time. */
  seal(text: string): string {
    return this.#seal(text, randomBytes(NONCE_BYTES));
  }

  /** Like `seal`, but the same text always gives the same result, so that equal contents are stored once. A reader of two results can see that they are equal. */
  sealSame(text: string): string {
    const mac = createHmac('sha256', this.#key).update('causeway nonce\0').update(text, 'utf16le');
    return this.#seal(text, mac.digest().subarray(0, NONCE_BYTES));
  }

  /** Derives a key for one purpose and salt. Other purposes or salts give other keys, and none discloses anything about the master key. */
  keyOf(purpose: string, salt: Uint8Array): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key, salt, `causeway ${purpose}`, KEY_BYTES));
  }

  #seal(text: string, nonce: Buffer): string {
    const form = text.isWellFormed() ? 'v1' : 'v1w';
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(form));
    const bytes = Buffer.concat([
      nonce,
      cipher.update(text, encodings[form]),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return `${form}.${this.keyId}.${bytes.toString('base64url')}`;
  }

  /** @throws CausewayError SEALED_UNREADABLE for a text sealed with another key, changed, or not sealed */
  open(sealed: string): string {
    const [form = '', keyId = '', body = '', ...rest] = sealed.split('.');
    if (!Object.hasOwn(encodings, form) || rest.length > 0) throw unreadable('it is not a sealed value');
    if (keyId !== this.keyId)
      throw unreadable(`it was sealed with key ${keyId}, this process has key ${this.keyId}`);
    const bytes = Buffer.from(body, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable('it is cut off');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(form));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString(encodings[form as keyof typeof encodings]);
    } catch (error) {
      throw unreadable('it was changed', error);
    }
  }
}

function unreadable(problem: string, cause?: unknown): Error {
  return causewayError('SEALED_UNREADABLE', { problem }, { cause });
}
