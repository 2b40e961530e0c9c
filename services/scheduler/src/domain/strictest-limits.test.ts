import { DEFAULT_RUN_LIMITS } from '@causeway/contracts';
import { expect, test } from 'vitest';
import { strictestLimits } from './strictest-limits.js';

test('for each limit the strictest value applies, and no later value can raise it', () => {
  const asked = { timeoutMs: 1_000, maxTokens: 1e9 };
  expect(strictestLimits(DEFAULT_RUN_LIMITS, undefined, asked, { maxTokens: 100 })).toEqual({
    timeoutMs: 1_000,
    maxTokens: 100,
    memoryBytes: DEFAULT_RUN_LIMITS.memoryBytes,
  });
  expect(strictestLimits(DEFAULT_RUN_LIMITS)).toEqual(DEFAULT_RUN_LIMITS);
});
