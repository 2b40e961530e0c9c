import { expect, test } from 'vitest';
import { currentContext, extendContext, withContext } from './context.js';

test('a context holds in everything it starts, and nowhere else', async () => {
  const inner = await withContext({ requestId: 'r1', runId: 'a' }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return withContext({ runId: 'b' }, () => currentContext());
  });
  expect(inner).toEqual({ requestId: 'r1', runId: 'b' });
  expect(currentContext()).toEqual({});
});

test('what is learnt later is known to those who hold the context already', async () => {
  await withContext({ requestId: 'r1' }, async () => {
    const later = new Promise((resolve) => setTimeout(() => resolve(currentContext()), 1));
    extendContext({ teamId: 't1' });
    expect(await later).toEqual({ requestId: 'r1', teamId: 't1' });
  });
  extendContext({ teamId: 't2' });
  expect(currentContext()).toEqual({});
});
