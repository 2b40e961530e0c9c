import { afterEach, expect, test, vi } from 'vitest';
import { cancel } from '../src/commands/runs.js';
import { Output } from '../src/output.js';
import { captureOutput } from './capture.js';
import { openSite } from './site.js';

const RUN = '01a20ae6-f642-7667-8a2a-73ab438460bb';
afterEach(() => vi.restoreAllMocks());

test.each([
  [true, 'running', `cancelling; the run is still running; see: npx causeway trace ${RUN}\n`],
  [true, 'cancelled', 'the run is cancelled\n'],
  [false, 'succeeded', 'nothing to cancel: the run has already ended as succeeded\n'],
])('a cancel reports its result: requested %j, %s', async (requested, status, told) => {
  const site = await openSite({
    [`POST /api/platform/v1/runs/${RUN}/cancel`]: (response) =>
      response.end(JSON.stringify({ run_id: RUN, status, requested })),
  });
  const shown = captureOutput();
  await cancel(site.api, RUN, new Output(false));
  expect(shown.out).toBe(told);
  site.close();
});
