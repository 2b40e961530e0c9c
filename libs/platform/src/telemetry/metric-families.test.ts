import { expect, test } from 'vitest';
import { type MetricFamilies, addForeignMetrics, metricsText } from './metric-families.js';

const head = (name: string): string => `# HELP ${name} What.\n# TYPE ${name} counter\n`;

test('metrics of other processes are grouped with own ones of the same name, and have a label for their process', () => {
  const families: MetricFamilies = new Map([
    ['a_total', { head: head('a_total'), lines: ['a_total{service="executor"} 1'] }],
    ['empty_total', { head: head('empty_total'), lines: [] }],
  ]);
  const foreign = `${head('b_total')}b_total 5\n${head('a_total')}a_total{service="executor"} 2\n`;
  addForeignMetrics(families, foreign, 'runner="shared"');
  addForeignMetrics(families, foreign, 'runner="solo"');
  expect(metricsText(families)).toBe(
    `${head('a_total')}a_total{service="executor"} 1\na_total{runner="shared",service="executor"} 2\n` +
      `a_total{runner="solo",service="executor"} 2\n${head('b_total')}b_total{runner="shared"} 5\n` +
      `b_total{runner="solo"} 5\n`,
  );
});
