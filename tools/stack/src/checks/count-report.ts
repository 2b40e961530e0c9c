/** Results of tests and checks. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of Vitest's JSON report that is counted. */
export interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly status: 'passed' | 'failed';
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Adds a report to counts.
 *
 * @throws Error when no test file ran, which is not a success
 */
export function countReport({ testResults }: Report, counts: Counts): void {
  for (const { status, assertionResults } of testResults) {
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    const passed = assertionResults.filter((test) => test.status === 'passed').length;
    counts.passed += passed;
    counts.skipped += assertionResults.length - passed - failed;
    // A file may fail without a test of it failing: it does not load, or a hook of it fails.
    counts.failed += status === 'failed' ? Math.max(failed, 1) : failed;
  }
  if (testResults.length === 0) throw new Error('no test file was run');
}
