import { parseArgs } from 'node:util';
import { simulate } from './simulate.js';

// Run by `npm run simulate`. Usage: main.js [--seeds 100000] [--from 1]
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '100000' }, from: { type: 'string', default: '1' } },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];
if (!Number.isInteger(seeds) || seeds < 1 || !Number.isInteger(from)) {
  process.stderr.write('--seeds is a whole number above 0, --from a whole number.\n');
  process.exit(2);
}
const began = performance.now();
const total = { steps: 0, deaths: 0 };
let lastShown = began;
for (let seed = from; seed < from + seeds; seed++) {
  const report = simulate(seed);
  total.steps += report.steps;
  total.deaths += report.deaths;
  if (report.violations.length > 0) {
    process.stdout.write(`seed ${seed} fails:\n${report.violations.slice(0, 10).join('\n')}\n`);
    process.stdout.write(`Again: --from ${seed} --seeds 1\n`);
    process.exit(1);
  }
  if (performance.now() - lastShown > 2_000) {
    lastShown = performance.now();
    process.stdout.write(`${seed - from + 1} of ${seeds} seeds, ${rate(seed - from + 1)} seeds/s\n`);
  }
}
process.stdout.write(
  `${seeds} seeds, ${total.steps} steps, ${total.deaths} deaths: 0 violations (${rate(seeds)} seeds/s).\n`,
);

function rate(done: number): number {
  return Math.round((done * 1_000) / (performance.now() - began));
}
