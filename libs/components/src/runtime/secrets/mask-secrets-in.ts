import { SECRET_MASK } from '@causeway/dag';
import { MIN_LENGTH, MIN_SEARCHED, formsOf } from './secret-forms.js';

type Value = { readonly value: string };

/** The same text with a mask in the place of each of these secrets, in any of their forms. A short one counts as a whole word only. */
export function maskSecretsIn(text: string, secrets: Iterable<Value>): string {
  let shown = text;
  for (const secret of secrets) {
    const { length } = secret.value;
    if (length < MIN_LENGTH || length > text.length) continue;
    if (length < MIN_SEARCHED) shown = maskWord(shown, secret.value);
    else for (const form of formsOf(secret)) shown = shown.replaceAll(form, SECRET_MASK);
  }
  return shown;
}

/** The same for what a server answered, whatever its bytes mean. Short secrets stand there by chance, and stay. */
export function maskSecretsInBytes(bytes: Uint8Array, secrets: readonly Value[]): Uint8Array {
  const found = secrets
    .filter(({ value }) => value.length >= MIN_SEARCHED)
    .flatMap(formsOf)
    .map((form) => Buffer.from(form, 'utf8'));
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!found.some((form) => whole.includes(form))) return bytes;
  // Latin-1 has one character for each byte, so nothing else changes.
  let text = whole.toString('latin1');
  const mask = Buffer.from(SECRET_MASK, 'utf8').toString('latin1');
  for (const form of found) text = text.replaceAll(form.toString('latin1'), mask);
  return Buffer.from(text, 'latin1');
}

function maskWord(text: string, word: string): string {
  if (!text.includes(word)) return text;
  const escaped = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'gu'), SECRET_MASK);
}
