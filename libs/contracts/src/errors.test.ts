import { expect, test } from 'vitest';
import { causewayError } from './errors.js';

test('a detail that is cut for the message shows no part of a key that stands at the cut', () => {
  for (let before = 5_930; before < 6_010; before++) {
    const problems = `${'x'.repeat(before)} sk-notarealkey0123456789abcdef ${'z'.repeat(9_000)}`;
    expect(causewayError('REQUEST_INVALID', { problems }).message).not.toContain('notareal');
  }
});
