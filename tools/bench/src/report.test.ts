import { expect, test } from 'vitest';
import type { LoadResult } from './measure-load.js';
import { reportFigures } from './report.js';

const load = (perSecond: number): LoadResult => ({
  callers: 10,
  runs: 100,
  failed: 2,
  failure: '503',
  perSecond,
  p50Ms: 4.21,
  p99Ms: 9.96,
});

test('figures are shown in columns, the platform next to the bare server of the same run', () => {
  const text = reportFigures({
    node: '24.0.0',
    cores: 2,
    loads: [{ callers: 10, ours: load(500), bare: load(5_000), transactionsPerRun: 3.128 }],
    memory: [{ name: 'gateway', pid: 7, megabytes: 99.6 }],
    ownMegabytes: 99.6,
    compile: [{ nodes: 10, edges: 9, medianMs: 0.204, firstMs: 3 }],
  });
  expect(text.split('\n').map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ['Chat flow, scripted model without delay; Node 24.0.0, 2 cores'],
    [''],
    ['callers', 'runs/s', 'p50 ms', 'p99 ms', 'failed', 'transactions/run', 'bare runs/s', 'share of bare'],
    ['10', '500', '4.2', '10.0', '2', '3.13', '5000', '1/10.0'],
    [''],
    ['process', 'resident MB'],
    ['gateway', '100'],
    ['our processes', '100'],
    [''],
    ['nodes', 'compile ms (median)', 'first'],
    ['10', '0.20', '3.00'],
  ]);
});
