import { expect, test } from 'vitest';
import { countReport } from './count-report.js';

const file = (status: 'passed' | 'failed', ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

test('tests are counted by their results', () => {
  const counts = { passed: 1, failed: 0, skipped: 0 };
  const testResults = [
    file('passed', 'passed', 'passed', 'skipped'),
    file('failed', 'failed', 'passed', 'todo'),
  ];
  countReport({ success: false, testResults }, counts);
  expect(counts).toEqual({ passed: 4, failed: 1, skipped: 2 });
});

test('a file that fails without a failed test counts as one', () => {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  countReport({ success: false, testResults: [file('failed'), file('failed', 'passed')] }, counts);
  expect(counts).toEqual({ passed: 1, failed: 2, skipped: 0 });
});

test('a run without any test file is not a success', () => {
  expect(() => countReport({ success: true, testResults: [] }, { passed: 0, failed: 0, skipped: 0 })).toThrow(
    'no test file',
  );
});
