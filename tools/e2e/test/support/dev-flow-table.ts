import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '@causeway/stack';

/** The outcome of one flow of one file. */
export interface DevFlowRow {
  /** Relative to the folder of the flows. */
  readonly file: string;
  readonly flow: string;
  readonly version: string;
  readonly outcome: 'ran' | 'refused' | 'failed';
  /** Its answer, or the reason for none. */
  readonly detail: string;
  /** What it received in addition to its input. */
  readonly given: string;
}

/** The file of the table: below the build output, since it describes files outside the repository. */
export const TABLE_FILE = 'tools/e2e/dist/dev-flows.md';

/** Writes the table of all dev flows as Markdown. */
export function writeDevFlowTable(rows: readonly DevFlowRow[]): void {
  const count = (outcome: DevFlowRow['outcome']): number =>
    rows.filter((row) => row.outcome === outcome).length;
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').slice(0, 300);
  const lines = rows.map(
    ({ file, flow, version, outcome, detail, given }) =>
      `| ${[file, flow, version, outcome, given, detail].map(cell).join(' | ')} |`,
  );
  const head = [
    '| file | flow | version | outcome | given | answer or reasons |',
    '|---|---|---|---|---|---|',
  ];
  const sum = `${rows.length} flows: ${count('ran')} ran, ${count('refused')} refused, ${count('failed')} failed.`;
  const path = join(ROOT, TABLE_FILE);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, ['# Dev flows', '', sum, '', ...head, ...lines, ''].join('\n'));
}
