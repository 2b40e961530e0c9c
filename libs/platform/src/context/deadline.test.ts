import { expect, test } from 'vitest';
import { withContext } from './context.js';
import { checkDeadline, deadlineOf } from './deadline.js';

test('work goes on until the sender has stopped waiting', () => {
  expect(() => checkDeadline()).not.toThrow();
  expect(() => withContext({ deadline: deadlineOf('auth', 60_000) }, checkDeadline)).not.toThrow();
  expect(() => withContext({ deadline: deadlineOf('auth', 0) }, checkDeadline)).toThrow(
    expect.objectContaining({ code: 'TIMED_OUT' }),
  );
});
