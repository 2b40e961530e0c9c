import { expect, test } from 'vitest';
import { currentContext, extendContext, withContext } from './context.js';

test('a context is valid in everything that it starts, and nowhere else', async () => {
  const inner = await withContext({ requestId: 'r1', runId: 'a' }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return withContext({ runId: 'b' }, () => currentContext());
  });
  expect(inner).toEqual({ requestId: 'r1', runId: 'b' });
  expect(currentContext()).toEqual({});
});

test('values that are added later are visible to all code that has the context', async () => {
  await withContext({ requestId: 'r1' }, async () => {
    const later = new Promise((resolve) => setTimeout(() => resolve(currentContext()), 1));
    extendContext({ teamId: 't1' });
    expect(await later).toEqual({ requestId: 'r1', teamId: 't1' });
  });
  extendContext({ teamId: 't2' });
  expect(currentContext()).toEqual({});
});
