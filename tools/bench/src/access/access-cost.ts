import { parseArgs } from 'node:util';
import { startBenchStack } from '../bench-stack.js';
import { type LoadResult, measureLoad } from '../measure-load.js';
import { percentilesOf, percentilesText } from './percentiles.js';

/**
 * Measures what it costs to find out who sends a request and whether they may: a route that asks nobody and needs no key, and one that asks
 * nobody and needs one, in turns. The second also reads a small body, so the difference is an upper bound. `--rounds N` of both.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, seconds: { type: 'string', default: '2' } },
});
const [rounds, forMs] = [Number(values.rounds), Number(values.seconds) * 1_000];
if (!(rounds > 0) || !(forMs > 0)) throw new Error('--rounds and --seconds take numbers above 0');

const CALLERS = 10;
const TRIES = 2_000;
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const stack = await startBenchStack(say);
const { url } = stack.causeway;
const open = { path: '/api/v1/version', method: 'GET' } as const;
const guarded = { path: '/api/v1/validate/prompt', method: 'POST' } as const;
const body = JSON.stringify({ name: 'template', template: 'x' });

async function timeOf({ path, method }: typeof open | typeof guarded): Promise<number> {
  const startedMs = performance.now();
  const response = await fetch(url + path, {
    method,
    headers: stack.headers,
    ...(method === 'POST' && { body }),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return performance.now() - startedMs;
}

const median = (some: readonly number[]): number => percentilesOf(some).p50Ms;
const spread = (some: readonly number[]): string =>
  `${Math.min(...some).toFixed(2)} to ${Math.max(...some).toFixed(2)}`;

try {
  const times = { open: [] as number[], guarded: [] as number[] };
  for (let at = -100; at < TRIES; at++) {
    const [one, two] = [await timeOf(open), await timeOf(guarded)];
    if (at < 0) continue;
    times.open.push(one);
    times.guarded.push(two);
  }
  const [without, with_] = [percentilesOf(times.open), percentilesOf(times.guarded)];
  process.stdout.write(`without a key: ${percentilesText(without)}\nwith a key: ${percentilesText(with_)}\n`);

  const load = (more: object): Promise<LoadResult> =>
    measureLoad({ url, path: '/', headers: stack.headers, callers: CALLERS, forMs, ...more });
  await load({ path: stack.runPath });
  const ratios: number[] = [];
  const shares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [free, checked, runs] = [
      await load(open),
      await load({ ...guarded, body }),
      await load({ path: stack.runPath }),
    ];
    for (const { failed, failure } of [free, checked, runs])
      if (failed > 0) throw new Error(`${failed} requests failed, such as: ${failure}`);
    ratios.push(checked.perSecond / free.perSecond);
    // What the check of one request takes of what a whole run takes.
    shares.push((1 / checked.perSecond - 1 / free.perSecond) * runs.perSecond * 100);
  }
  process.stdout.write(
    `requests per second with a key, as a share of those without: ${median(ratios).toFixed(2)} (${spread(ratios)})\n` +
      `of what a run takes: at most ${median(shares).toFixed(1)} % (${spread(shares)})\n`,
  );
  process.stdout.write(`${JSON.stringify({ without, with: with_, ratios, sharesOfRun: shares })}\n`);
} finally {
  await stack.close();
}
process.exit();
