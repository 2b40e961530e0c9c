import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { causewayError } from '@causeway/contracts';
import type { KeySource, RowKey, SealedPlace } from './key-source.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The encoding of the text: UTF-8, or UTF-16 for a text with lone surrogates, which UTF-8 cannot hold. */
const encodings = { v2: 'utf8', v2w: 'utf16le' } as const;
/** Forms of values that the master key itself has sealed, before there were data keys. */
const OLD_FORMS = ['v1', 'v1w'];

/**
 * Seals values, each for one place: AES-256-GCM with the key of its row, `<form>.<data key id>.<nonce, text, tag>`. The place is
 * authenticated, so a value that is copied to another row or another organisation does not open there. Injectable.
 */
export class Vault {
  readonly #keys: KeySource;

  constructor(keys: KeySource) {
    this.#keys = keys;
  }

  /** Seals any text by the organisation's current data key. The result is safe in JSON and columns, and differs each time. */
  async seal(text: string, place: SealedPlace): Promise<string> {
    return sealed(text, place, await this.#keys.rowKey(place), randomBytes(NONCE_BYTES));
  }

  /**
   * Like `seal`, but the same text in the same place gives the same result while the data key stays, so that equal contents are stored
   * once. A reader of two results can see that they are equal.
   */
  async sealSame(text: string, place: SealedPlace): Promise<string> {
    const rowKey = await this.#keys.rowKey(place);
    const mac = createHmac('sha256', rowKey.key).update(`causeway nonce\0${place.part ?? ''}\0`);
    return sealed(text, place, rowKey, mac.update(text, 'utf16le').digest().subarray(0, NONCE_BYTES));
  }

  /**
   * @throws CausewayError SEALED_UNREADABLE for a text that was sealed for another place or with an unknown key, was changed, or is not
   * sealed; UNAVAILABLE, TIMED_OUT when a key must be asked for and cannot be
   */
  async open(text: string, place: SealedPlace): Promise<string> {
    const [form = '', dataKeyId = '', body = '', ...rest] = text.split('.');
    if (rest.length > 0) throw unreadable('it is not a sealed value');
    if (OLD_FORMS.includes(form)) return this.#keys.openOld(place.organisationId, text);
    if (!Object.hasOwn(encodings, form) || dataKeyId === '') throw unreadable('it is not a sealed value');
    const bytes = Buffer.from(body, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable('it is cut off');
    const { key } = await this.#keys.rowKey(place, dataKeyId);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(boundTo(form, dataKeyId, place));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const opened = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([opened, decipher.final()]).toString(encodings[form as keyof typeof encodings]);
    } catch (error) {
      throw unreadable('it was changed, or sealed for another place', error);
    }
  }
}

/** The data key that sealed these values; null when they were sealed by different ones, or by the master key before there were data keys. */
export function dataKeyOf(...texts: readonly string[]): string | null {
  const ids = new Set(
    texts.map((text) => {
      const [form = '', id = ''] = text.slice(0, 64).split('.');
      return Object.hasOwn(encodings, form) ? id : null;
    }),
  );
  const [id = null, ...others] = ids;
  return others.length > 0 ? null : id;
}

function sealed(text: string, place: SealedPlace, { dataKeyId, key }: RowKey, nonce: Buffer): string {
  const form = text.isWellFormed() ? 'v2' : 'v2w';
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(boundTo(form, dataKeyId, place));
  const bytes = Buffer.concat([
    nonce,
    cipher.update(text, encodings[form]),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return `${form}.${dataKeyId}.${bytes.toString('base64url')}`;
}

/** What the tag authenticates in addition to the text. */
function boundTo(form: string, dataKeyId: string, place: SealedPlace): Buffer {
  const { organisationId, kind, id, part = '' } = place;
  return Buffer.from(JSON.stringify([form, dataKeyId, organisationId, kind, id, part]));
}

function unreadable(problem: string, cause?: unknown): Error {
  return causewayError('SEALED_UNREADABLE', { problem }, { cause });
}
