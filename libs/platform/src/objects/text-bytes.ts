/** Characters that are encoded at a time. */
const CHUNK_CHARACTERS = 64 * 1024;

/** The UTF-8 of a text, encoded chunk by chunk while it is read, so that a long text needs no copy of its whole size. */
export function* textBytes(text: string): Generator<Buffer> {
  for (let start = 0; start < text.length;) {
    let end = Math.min(text.length, start + CHUNK_CHARACTERS);
    // The two surrogates of a character above U+FFFF stay together.
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
    yield Buffer.from(text.slice(start, end));
    start = end;
  }
}
