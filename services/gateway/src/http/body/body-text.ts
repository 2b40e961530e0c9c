import { isUtf8 } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { causewayError } from '@causeway/contracts';

/**
 * Decodes bytes with the charset that their content type names, or as UTF-8 when it names none. Nothing is replaced: bytes that are
 * not valid in the charset are refused.
 *
 * @param what  names the bytes in errors: `The request body`
 * @throws CausewayError CHARSET_UNSUPPORTED, TEXT_INVALID
 */
export function decodeText(bytes: Buffer, contentType: string | undefined, what: string): string {
  const charset = charsetOf(bytes, contentType);
  if (charset === 'utf-8') {
    if (!isUtf8(bytes)) throw causewayError('TEXT_INVALID', { what, charset: 'UTF-8' });
    const text = bytes.toString('utf8');
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }
  return decode(decoderOf(charset), bytes, what, false);
}

/**
 * The same text as UTF-8, of any length: a long text of another charset is decoded in pieces, so that other requests are served between.
 * Throws as `decodeText` does.
 */
export async function asUtf8(bytes: Buffer, contentType: string | undefined, what: string): Promise<Buffer> {
  const charset = charsetOf(bytes, contentType);
  if (charset === 'utf-8') {
    if (!isUtf8(bytes)) throw causewayError('TEXT_INVALID', { what, charset: 'UTF-8' });
    return bytes.subarray(0, 3).equals(MARK) ? bytes.subarray(3) : bytes;
  }
  if (bytes.length <= PIECE_BYTES) return Buffer.from(decodeText(bytes, contentType, what));
  const decoder = decoderOf(charset);
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    const end = start + PIECE_BYTES;
    pieces.push(Buffer.from(decode(decoder, bytes.subarray(start, end), what, end < bytes.length)));
    await nextTurn();
  }
  return Buffer.concat(pieces);
}

const PIECE_BYTES = 1024 ** 2;
const MARK = Buffer.from('\ufeff');

function decoderOf(charset: string) {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    throw causewayError('CHARSET_UNSUPPORTED', { charset: charset.slice(0, 100) });
  }
}

function decode(decoder: ReturnType<typeof decoderOf>, bytes: Buffer, what: string, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch {
    throw causewayError('TEXT_INVALID', { what, charset: decoder.encoding.toUpperCase() });
  }
}

/** The charset that a content type names, in lower case; of UTF-16 the byte order that the text's mark shows. */
function charsetOf(bytes: Buffer, contentType: string | undefined): string {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]*))/i.exec(contentType ?? '') ?? [];
  const charset = (quoted ?? plain ?? '').trim().toLowerCase();
  if (charset === 'utf-16' && bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // The decoder would take ASCII for windows-1252; a text that is ASCII is UTF-8 too.
  return ['', 'utf8', 'ascii', 'us-ascii'].includes(charset) ? 'utf-8' : charset;
}
