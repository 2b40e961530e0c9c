import { createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { causewayError } from '@causeway/contracts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The encoding of the text: UTF-8, or UTF-16 for a text with lone surrogates, which UTF-8 cannot hold. */
const encodings = { v1: 'utf8', v1w: 'utf16le' } as const;

/** Opens what the master key itself has sealed before there were data keys: `<form>.<key id>.<nonce, text, tag>`. Nothing is sealed like this any more. */
export class OldVault {
  readonly #key: Buffer;
  /** Identifies the key without disclosing anything about it. */
  readonly keyId: string;

  /** @param key  the master key of that time, 32 bytes */
  constructor(key: Buffer) {
    this.#key = key;
    this.keyId = oldKeyId(key);
  }

  /** The key of a file with this salt. */
  fileKey(salt: Uint8Array): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#key, salt, 'causeway file', KEY_BYTES));
  }

  /** @throws CausewayError SEALED_UNREADABLE for a text that was sealed with another key, was changed, or is not sealed */
  open(sealed: string): string {
    const [form = '', keyId = '', body = '', ...rest] = sealed.split('.');
    if (!Object.hasOwn(encodings, form) || rest.length > 0) throw unreadable('it is not a sealed value');
    if (keyId !== this.keyId) throw unreadable(`it was sealed with key ${keyId}, this is key ${this.keyId}`);
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

/** The id that values of that time name their key by. */
export function oldKeyId(key: Buffer): string {
  return createHash('sha256').update('causeway master key\0').update(key).digest('hex').slice(0, 8);
}

function unreadable(problem: string, cause?: unknown): Error {
  return causewayError('SEALED_UNREADABLE', { problem }, { cause });
}
