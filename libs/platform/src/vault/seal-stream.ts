import { createCipheriv, createDecipheriv } from 'node:crypto';
import { causewayError } from '@causeway/contracts';

/** Bytes of content in each sealed piece except the last. */
const PIECE_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/**
 * Seals a stream in pieces, each with its number and a mark of the last one, so that no piece can be changed, moved or left out, also
 * not at the end. Needs the memory of one piece.
 *
 * @param key  32 bytes, used only for this stream
 * Source: Hoang, Reyhanitabar, Rogaway, Vizár 2015, “Online authenticated-encryption and its nonce-reuse misuse-resistance” (STREAM).
 */
export async function* sealPieces(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  key: Buffer,
): AsyncGenerator<Buffer> {
  let index = 0;
  for await (const { piece, isLast } of piecesOf(source, PIECE_BYTES)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index++, isLast));
    yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
  }
}

/** The sealed length of so many bytes. */
export function sealedLength(bytes: number): number {
  return bytes + Math.max(1, Math.ceil(bytes / PIECE_BYTES)) * TAG_BYTES;
}

/** Opens what `sealPieces` made. @throws CausewayError SEALED_UNREADABLE at the first piece that was changed */
export async function* openPieces(
  sealed: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  key: Buffer,
): AsyncGenerator<Buffer> {
  let index = 0;
  for await (const { piece, isLast } of piecesOf(sealed, PIECE_BYTES + TAG_BYTES)) {
    if (piece.length < TAG_BYTES) throw unreadable('it is cut off');
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index++, isLast));
    decipher.setAuthTag(piece.subarray(-TAG_BYTES));
    const text = decipher.update(piece.subarray(0, -TAG_BYTES));
    try {
      decipher.final();
    } catch (error) {
      throw unreadable('it was changed or cut off', error);
    }
    yield text;
  }
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(index, 0, 6);
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0;
  return nonce;
}

/** Cuts a stream into pieces of one size; the last piece holds the rest, and is empty for an empty stream. */
async function* piecesOf(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ piece: Buffer; isLast: boolean }> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes <= size) continue;
    const whole = Buffer.concat(held);
    let start = 0;
    // One piece is held back, because it may be the last.
    for (; whole.length - start > size; start += size)
      yield { piece: whole.subarray(start, start + size), isLast: false };
    held = [whole.subarray(start)];
    bytes = whole.length - start;
  }
  yield { piece: Buffer.concat(held), isLast: true };
}

function unreadable(problem: string, cause?: unknown): Error {
  return causewayError('SEALED_UNREADABLE', { problem }, { cause });
}
