import { SECRET_MASK } from '@causeway/dag';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamMask } from './stream-mask.js';

const secrets = [{ value: 'canary-secret' }, { value: 'can-another' }];

function masked(pieces: readonly string[]): string[] {
  const mask = new StreamMask(() => secrets);
  return [...pieces.map((piece) => mask.push(piece)), mask.end()];
}

test('a secret is masked wherever it is divided, also in base64', () => {
  const encoded = Buffer.from('x:canary-secret').toString('base64');
  const text = `say canary-secret, can-another and ${encoded} now`;
  const whole = masked([text]).join('');
  expect(whole).toContain(`say ${SECRET_MASK}, ${SECRET_MASK} and `);
  expect(whole).not.toContain(encoded.slice(4, -4));
  for (let first = 1; first < text.length; first += 1)
    for (const second of [first + 1, first + 7])
      expect(masked([text.slice(0, first), text.slice(first, second), text.slice(second)]).join('')).toBe(
        whole,
      );
});

test('text without a secret is shown whole, and at once where no secret can begin', () => {
  expect(masked(['one ', 'two ', 'can', 'not'])).toEqual(['one ', 'two ', '', 'cannot', '']);
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 5 })), (pieces) => {
      expect(masked(pieces).join('')).toBe(pieces.join(''));
    }),
  );
});
