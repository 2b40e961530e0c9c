import { expect, test } from 'vitest';
import { encodingsOf } from '../src/find-canaries.js';

test.each(['', 'a', 'ab', 'abc'])('a text is found in each encoding, also after %j', (before) => {
  const text = 'canary0123456789';
  const whole = `${before}${text} and more`;
  const written = [
    whole,
    Buffer.from(whole).toString('base64'),
    Buffer.from(whole).toString('base64url'),
    Buffer.from(whole).toString('hex'),
    [...Buffer.from(whole)].map((byte) => `%${byte.toString(16)}`).join(''),
    [...Buffer.from(whole)].map((byte) => `\\u00${byte.toString(16)}`).join(''),
  ];
  const forms = encodingsOf(text);
  for (const one of written) expect([one, forms.some((form) => one.includes(form))]).toEqual([one, true]);
  for (const form of forms) expect(form.length).toBeGreaterThan(15);
});
