import { SECRET_MASK } from '@causeway/dag';
import { MIN_LENGTH, MIN_SEARCHED, formsOf } from './secret-forms.js';
import { maskWholeValues } from './whole-value.js';

type Value = { readonly value: string };

/**
 * The same text with a mask instead of each of these secrets, in any of their forms. A short secret is masked only as a
 * whole word.
 */
export function maskSecretsIn(text: string, secrets: Iterable<Value>): string {
  return maskEach(text, secrets, (shown, { value }) => maskWord(shown, value));
}

/** The same for a text that a program reads: there a short secret is masked only where it is a whole value. */
export function maskValuesIn(text: string, secrets: Iterable<Value>): string {
  return maskEach(text, secrets, (shown, secret) => maskWholeValues(shown, secret, SECRET_MASK));
}

/** The same for the bytes of a server's answer, which may be of any kind; a text in them may be in UTF-8 or UTF-16. */
export function maskSecretsInBytes(bytes: Uint8Array, secrets: readonly Value[]): Uint8Array {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Latin-1 has one character for each byte, so no other byte changes.
  let text: string | undefined;
  for (const secret of secrets) {
    const { length } = secret.value;
    if (length < MIN_LENGTH) continue;
    const forms = length < MIN_SEARCHED ? [secret.value] : formsOf(secret);
    for (const form of forms.filter((one) => whole.includes(one))) {
      text ??= whole.toString('latin1');
      text =
        length < MIN_SEARCHED
          ? maskWholeValues(text, { value: inLatin1(form) }, inLatin1(SECRET_MASK))
          : text.replaceAll(inLatin1(form), inLatin1(SECRET_MASK));
    }
    if (length < MIN_SEARCHED) continue;
    for (const inUtf16 of [littleEndian, bigEndian]) {
      for (const form of formsOf(secret).map(inUtf16)) {
        if (!whole.includes(form)) continue;
        text ??= whole.toString('latin1');
        const mask = inUtf16(SECRET_MASK).toString('latin1');
        // At an odd place the bytes are those of other characters.
        text = text.replaceAll(form.toString('latin1'), (found, at: number) => (at % 2 === 0 ? mask : found));
      }
    }
  }
  return text === undefined ? bytes : Buffer.from(text, 'latin1');
}

function littleEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function bigEndian(text: string): Buffer {
  return littleEndian(text).swap16();
}

function maskEach(
  text: string,
  secrets: Iterable<Value>,
  maskShort: (text: string, secret: Value) => string,
): string {
  let shown = text;
  for (const secret of secrets) {
    const { length } = secret.value;
    if (length < MIN_LENGTH || length > text.length) continue;
    if (length < MIN_SEARCHED) shown = maskShort(shown, secret);
    else for (const form of formsOf(secret)) shown = shown.replaceAll(form, SECRET_MASK);
  }
  return shown;
}

function maskWord(text: string, word: string): string {
  if (!text.includes(word)) return text;
  const escaped = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'gu'), SECRET_MASK);
}

function inLatin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
