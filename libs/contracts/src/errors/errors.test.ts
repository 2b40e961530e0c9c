import { expect, test } from 'vitest';
import { accessErrors } from './access-errors.js';
import { causewayError, errors } from './errors.js';
import { flowErrors } from './flow-errors.js';
import { keyErrors } from './key-errors.js';
import { runErrors } from './run-errors.js';
import { serviceErrors } from './service-errors.js';
import { signInErrors } from './sign-in-errors.js';

test('no code stands in two files, and every file counts', () => {
  const files = [serviceErrors, keyErrors, accessErrors, signInErrors, flowErrors, runErrors];
  const codes = files.flatMap((file) => Object.keys(file));
  expect(codes.toSorted()).toEqual(Object.keys(errors).toSorted());
});

test('a detail that is cut for the message shows no part of a key that stands at the cut', () => {
  for (let before = 5_930; before < 6_010; before++) {
    const problems = `${'x'.repeat(before)} sk-notarealkey0123456789abcdef ${'z'.repeat(9_000)}`;
    expect(causewayError('REQUEST_INVALID', { problems }).message).not.toContain('notareal');
  }
});
