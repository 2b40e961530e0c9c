import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type BenchStack, SAMPLE, startBenchStack } from './bench-stack.js';
import { measureCompile } from './measure-compile.js';
import { measureLoad } from './measure-load.js';
import { type ProcessMemory, readMemory } from './memory.js';
import { type LoadFigures, reportFigures } from './report.js';
import { countTransactions } from './transactions.js';

const SERVERS = ['postgres', 'nats', 'redis', 'stack'];

/** Measures the chat flow and prints a table, then one line of JSON. `--seconds N` per level, `--callers 1,10,50`. */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '6' }, callers: { type: 'string', default: '1,10,50' } },
});
const forMs = Number(values.seconds) * 1000;
const levels = values.callers.split(',').map(Number);
if (!(forMs > 0) || levels.some((callers) => !(callers > 0)))
  throw new Error('--seconds and --callers take numbers above 0');

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const compile = measureCompile(SAMPLE, [10, 100, 1_000]);
const stack = await startBenchStack(say);
try {
  await ours(stack, 10, 2_000);
  const idlePerMs = await idleTransactions(stack, 3_000);
  const loads: LoadFigures[] = [];
  let memory: ProcessMemory[] = [];
  for (const callers of levels) {
    say(`${callers} callers for ${values.seconds} s …`);
    const bare = await measureLoad({
      url: stack.bareUrl,
      path: '/',
      headers: stack.headers,
      callers,
      forMs: forMs / 2,
    });
    const before = await countTransactions(stack.databaseUrl);
    const startedMs = performance.now();
    const [result, used] = await Promise.all([ours(stack, callers, forMs), memoryAfter(stack, forMs * 0.8)]);
    memory = used;
    const all = (await countTransactions(stack.databaseUrl)) - before;
    const transactions = all - idlePerMs * (performance.now() - startedMs);
    loads.push({ callers, ours: result, bare, transactionsPerRun: transactions / result.runs });
    if (result.failed > 0) say(`${result.failed} failed, such as: ${result.failure}`);
  }
  const own = memory.filter(({ name }) => !SERVERS.includes(name));
  const ownMegabytes = own.reduce((sum, { megabytes }) => sum + megabytes, 0);
  const cores = availableParallelism();
  const figures = { node: process.versions.node, cores, loads, memory, ownMegabytes, compile };
  process.stdout.write(`${reportFigures(figures)}\n\n${JSON.stringify(figures)}\n`);
} finally {
  await stack.close();
}

function ours({ causeway, runPath, headers }: BenchStack, callers: number, duringMs: number) {
  return measureLoad({ url: causeway.url, path: runPath, headers, callers, forMs: duringMs });
}

/** Transactions of heartbeats and sweepers, which belong to no run. */
async function idleTransactions({ databaseUrl }: BenchStack, duringMs: number): Promise<number> {
  const before = await countTransactions(databaseUrl);
  const startedMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, duringMs));
  return ((await countTransactions(databaseUrl)) - before) / (performance.now() - startedMs);
}

async function memoryAfter({ causeway }: BenchStack, waitMs: number): Promise<ProcessMemory[]> {
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  return readMemory(causeway.pids());
}
process.exit();
