import { expect, test } from 'vitest';
import { textBytes } from './text-bytes.js';

test('produces the bytes of the whole text, wherever its chunks end', () => {
  for (const text of ['', 'a', 'é'.repeat(70_000), `x${'\u{1f30a}'.repeat(70_000)}`, 'x'.repeat(64 * 1024)]) {
    const chunks = [...textBytes(text)];
    expect(Buffer.concat(chunks).equals(Buffer.from(text))).toBe(true);
    for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(3 * 64 * 1024);
  }
});
