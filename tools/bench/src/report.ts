import type { CompileResult } from './measure-compile.js';
import type { LoadResult } from './measure-load.js';
import type { ProcessMemory } from './memory.js';

/** One number of callers, against the platform and against a bare server in the same run. */
export interface LoadFigures {
  readonly callers: number;
  readonly ours: LoadResult;
  readonly bare: LoadResult;
  /** Postgres transactions for each run; those of an idle platform are subtracted. */
  readonly transactionsPerRun: number;
}

export interface Figures {
  readonly node: string;
  readonly cores: number;
  readonly loads: readonly LoadFigures[];
  /** Under the load of the most callers. */
  readonly memory: readonly ProcessMemory[];
  /** Sum of the platform's Node processes, without servers and without the measuring process. */
  readonly ownMegabytes: number;
  readonly compile: readonly CompileResult[];
}

/** The figures as text for people. */
export function reportFigures({ node, cores, loads, memory, ownMegabytes, compile }: Figures): string {
  const tables = [
    table(
      ['callers', 'runs/s', 'p50 ms', 'p99 ms', 'failed', 'transactions/run', 'bare runs/s', 'share of bare'],
      loads.map(({ callers, ours, bare, transactionsPerRun }) => [
        String(callers),
        ours.perSecond.toFixed(0),
        ours.p50Ms.toFixed(1),
        ours.p99Ms.toFixed(1),
        String(ours.failed),
        transactionsPerRun.toFixed(2),
        bare.perSecond.toFixed(0),
        `1/${(bare.perSecond / ours.perSecond).toFixed(1)}`,
      ]),
    ),
    table(
      ['process', 'resident MB'],
      [
        ...memory.map(({ name, megabytes }) => [name, megabytes.toFixed(0)]),
        ['our processes', ownMegabytes.toFixed(0)],
      ],
    ),
    table(
      ['nodes', 'compile ms (median)', 'first'],
      compile.map(({ nodes, medianMs, firstMs }) => [String(nodes), medianMs.toFixed(2), firstMs.toFixed(2)]),
    ),
  ];
  return [`Chat flow, scripted model without delay; Node ${node}, ${cores} cores`, ...tables].join('\n\n');
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return [line(headings), ...rows.map(line)].join('\n');
}
