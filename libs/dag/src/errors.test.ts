import { expect, test } from 'vitest';
import { CausewayError } from './errors.js';

test('a message and details that are cut show no part of a key that stands at the cut', () => {
  for (let before = 5_900; before < 8_010; before += 7) {
    const text = `${'x'.repeat(5_000)} ${'y'.repeat(before - 5_000)} sk-notarealkey0123456789abcdef ${'z'.repeat(9_000)}`;
    const error = new CausewayError('X', text, { details: { text, [text]: 1, inner: [text] } });
    expect(JSON.stringify([error.message, error.details])).not.toContain('notareal');
  }
});
