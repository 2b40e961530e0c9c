import { invariantStories } from './stories/invariants.js';
import { killStories } from './stories/kills.js';
import { KEY_CACHE_MS, outageStories } from './stories/outages.js';
import { reattachStories } from './stories/reattach.js';
import { startSite } from './support/site.js';
import { startStack } from './support/stack.js';

const SLOW_MS = 150;
const slowSite = await startSite((request, response) => {
  setTimeout(() => response.end(`<p>The page at ${request.url}.</p>`), SLOW_MS);
});
const stack = await startStack({
  executors: 2,
  gateways: 2,
  environment: {
    executor: { CAUSEWAY_OUTBOUND_ALLOW: '127.0.0.1' },
    gateway: { CAUSEWAY_KEY_CACHE_MS: String(KEY_CACHE_MS) },
  },
});

killStories(stack, slowSite);
reattachStories(stack);
outageStories(stack);
invariantStories(stack);
