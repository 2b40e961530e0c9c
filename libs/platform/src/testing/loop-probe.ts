import { createServer } from 'node:http';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a service before it starts, with `--expose-gc`. Reports for the time since the last request how long the event loop was blocked at most,
 * in processor time of the loop's thread, so that other programs on the machine do not count; and by how much memory grew at most, on V8's heap and outside it.
 * When that exceeds the allowed value, garbage is collected first: V8 does not collect it while there is room.
 */
const state = { longestMs: 0, bytes: memory(), grownBytes: 0, mostBytes: Infinity };
let before = process.threadCpuUsage();

function look(): void {
  const { user, system } = process.threadCpuUsage(before);
  state.longestMs = Math.max(state.longestMs, (user + system) / 1_000);
  let grown = memory() - state.bytes;
  if (grown > Math.max(state.mostBytes, state.grownBytes)) {
    collect();
    grown = memory() - state.bytes;
  }
  state.grownBytes = Math.max(state.grownBytes, grown);
  // The time of the probe itself does not count toward the next turn.
  before = process.threadCpuUsage();
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Collects twice: the first collection only begins to free buffers, on another thread; the second one waits for that. */
function collect(): void {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  gc?.();
}

// Threads of the service load this, too, and have loops of their own.
if (isMainThread) {
  setInterval(look, 1).unref();

  const server = createServer(({ url = '' }, response) => {
    look();
    const { longestMs, grownBytes } = state;
    const [, mostBytes] = /^\/begin\/(\d+)/.exec(url) ?? [];
    if (mostBytes !== undefined) {
      collect();
      Object.assign(state, { bytes: memory(), grownBytes: 0, mostBytes: Number(mostBytes) });
    }
    response.end(JSON.stringify({ longestMs, grownBytes }), () => {
      before = process.threadCpuUsage();
      state.longestMs = 0;
    });
  });
  server.unref();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    console.log(JSON.stringify({ probe: typeof address === 'object' ? address?.port : 0 }));
  });
}
