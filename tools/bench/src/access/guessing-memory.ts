import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { parseArgs } from 'node:util';
import { startBenchStack } from '../bench-stack.js';
import { readMemory } from '../memory.js';

/**
 * Measures whether the memory of the platform stays bounded while strangers guess: a million requests, each with another key, cookie, token
 * or address of a webhook, half of them from another network each time and half from a few. It ends after `--seconds` in any case. The exit code
 * is 1 when a process still grows from the second to the last third.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '60' },
  },
});
const [most, seconds] = [Number(values.requests), Number(values.seconds)];
if (!(most > 0 && seconds > 0)) throw new Error('--requests and --seconds take numbers above 0');

const SOCKETS = 8;
/** So many requests are sent at once on each connection, and the next ones when all are answered. */
const AT_ONCE = 25;
/** From the second to the last third a process may grow by so much, which is what a garbage collector may leave. */
const GROWTH_MB = 60;
const WATCHED = ['gateway', 'auth', 'audit', 'redis', 'nats'];

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const stack = await startBenchStack(say, {
  environment: { gateway: { CAUSEWAY_TRUST_PROXY: '127.0.0.1' } },
});
const { url, pids, services } = stack.causeway;
const { hostname, port } = new URL(url);

/** What a stranger presents: always something else that has never been valid. */
const guesses: readonly ((guess: string) => { readonly path?: string; readonly header?: string })[] = [
  (guess) => ({ header: `x-api-key: sk-${guess}` }),
  (guess) => ({ path: '/account', header: `cookie: causeway-${port}=cs-${guess}` }),
  (guess) => ({ header: `authorization: Bearer ct-${guess}` }),
  (guess) => ({ header: `authorization: Bearer cs-${guess}` }),
  (guess) => ({ path: '/scim/v2/Users', header: `authorization: Bearer cm-${guess}` }),
  (guess) => ({ path: `/api/platform/v1/hooks/cw-hook-${guess}` }),
];

let sent = 0;
let answered = 0;
const statuses = new Map<string, number>();

/** One request as it goes over the wire: half of them come from a network that was never seen before. */
function nextRequest(): string {
  const at = sent++;
  const guess = randomBytes(32).toString('base64url');
  const { path = '/api/v1/flows/', header } = (
    guesses[Math.floor(at / 2) % guesses.length] as (typeof guesses)[number]
  )(guess);
  const network =
    at % 2 === 0
      ? randomBytes(6)
          .toString('hex')
          .replace(/(.{4})(.{4})(.{4})/, '$1:$2:$3')
      : `db8:0:${at % 7}`;
  const method = path.includes('/hooks/') ? 'POST' : 'GET';
  return [
    `${method} ${path} HTTP/1.1`,
    `host: ${hostname}:${port}`,
    `x-forwarded-for: 2001:${network}::1`,
    ...(header === undefined ? [] : [header]),
    ...(method === 'POST' ? ['content-length: 0'] : []),
    '\r\n',
  ].join('\r\n');
}

/** Sends requests on one connection until there have been enough. */
async function guessOn(socket: Socket, untilMs: number): Promise<void> {
  let waiting = 0;
  let rest = '';
  let allAnswered = Promise.withResolvers<void>();
  socket.on('data', (bytes) => {
    const text = rest + bytes.toString('latin1');
    for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      answered += 1;
      waiting -= 1;
    }
    // A status that is cut in two is counted with the next bytes; a whole one has twelve characters.
    rest = text.slice(-11);
    if (waiting <= 0) allAnswered.resolve();
  });
  socket.once('close', () => allAnswered.reject(new Error('the gateway has closed the connection')));
  while (sent < most && performance.now() < untilMs) {
    allAnswered = Promise.withResolvers<void>();
    waiting = AT_ONCE;
    socket.write(Array.from({ length: AT_ONCE }, nextRequest).join(''));
    await allAnswered.promise;
  }
}

/** What a process holds: the heap in use, which rises until the garbage is collected, and the resident memory. */
interface Held {
  readonly heap: number;
  readonly resident: number;
}

interface Sample {
  readonly answered: number;
  readonly held: Readonly<Record<string, Held>>;
}

const samples: Sample[] = [];

async function sample(): Promise<void> {
  const watched = Object.fromEntries(Object.entries(pids()).filter(([name]) => WATCHED.includes(name)));
  const held = await Promise.all(
    readMemory(watched).map(async ({ name, megabytes }) => {
      const internalUrl = services.get(name)?.internalUrl;
      const metrics =
        internalUrl === undefined
          ? ''
          : await fetch(`${internalUrl}/metrics`).then(
              (answer) => answer.text(),
              () => '',
            );
      const [, bytes = '0'] = /^nodejs_heap_size_used_bytes(?:\{.*\})? (\S+)$/m.exec(metrics) ?? [];
      return [name, { heap: Number(bytes) / 2 ** 20, resident: megabytes }] as const;
    }),
  );
  samples.push({ answered, held: Object.fromEntries(held) });
}

try {
  const sockets = Array.from({ length: SOCKETS }, () => connect(Number(port), hostname));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await sample();
  const timer = setInterval(() => void sample(), 500);
  const startedMs = performance.now();
  await Promise.all(sockets.map((socket) => guessOn(socket, startedMs + seconds * 1_000)));
  clearInterval(timer);
  const tookS = (performance.now() - startedMs) / 1_000;
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  report(tookS);
} finally {
  await stack.close();
}

function report(tookS: number): void {
  const told = [...statuses].map(([status, count]) => `${count} of status ${status}`).join(', ');
  process.stdout.write(
    `${answered} guesses in ${tookS.toFixed(0)} s, ${Math.round(answered / tookS)} a second; answers: ${told}\n`,
  );
  const parts = [1, 2, 3].map((part) =>
    samples.filter(({ answered: at }) => at > ((part - 1) / 3) * answered && at <= (part / 3) * answered),
  );
  for (const name of WATCHED) {
    const of = (part: readonly Sample[], what: keyof Held): number[] =>
      part.map(({ held }) => held[name]?.[what] ?? 0);
    const highest = parts.map((part) => Math.max(...of(part, 'resident')));
    // The lowest is what is left when garbage has been collected.
    const lowest = parts.map((part) => Math.min(...of(part, 'heap')));
    const [, second = 0, third = 0] = highest;
    const grows = third - second > GROWTH_MB;
    const heap = (lowest[0] ?? 0) > 0 ? `; heap in use at least ${shown(lowest)}` : '';
    process.stdout.write(
      `${name.padEnd(8)} resident ${shown(of(samples.slice(0, 1), 'resident'))} before, then at most ${shown(highest)}${heap}${grows ? ': it GROWS' : ''}\n`,
    );
    if (grows) process.exitCode = 1;
  }
}

function shown(megabytes: readonly number[]): string {
  return `${megabytes.map((one) => one.toFixed(0)).join(', ')} MB`;
}
