import { isUtf8 } from 'node:buffer';
import { causewayError } from '@causeway/contracts';

/**
 * The text behind bytes, by the charset that their content type names; UTF-8 when it names none. Nothing is replaced: bytes that are
 * no text in it are refused.
 *
 * @param what  names the bytes in errors: `The request body`
 * @throws CausewayError CHARSET_UNSUPPORTED, TEXT_INVALID
 */
export function decodeText(bytes: Buffer, contentType: string | undefined, what: string): string {
  const charset = charsetOf(contentType);
  if (charset === 'utf-8') {
    if (!isUtf8(bytes)) throw causewayError('TEXT_INVALID', { what, charset: 'UTF-8' });
    const text = bytes.toString('utf8');
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError)
      throw causewayError('CHARSET_UNSUPPORTED', { charset: charset.slice(0, 100) });
    throw causewayError('TEXT_INVALID', { what, charset: charset.toUpperCase() });
  }
}

/** The charset that a content type names, in lower case. */
function charsetOf(contentType: string | undefined): string {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(contentType ?? '') ?? [];
  const charset = (quoted ?? plain ?? '').trim().toLowerCase();
  return charset === '' || charset === 'utf8' ? 'utf-8' : charset;
}
