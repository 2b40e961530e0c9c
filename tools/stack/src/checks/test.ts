import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, runChecks, staticChecks } from './checks.js';
import { type Counts, type Report, countReport } from './count-report.js';
import { runCommand } from './run-command.js';

/**
 * `npm test`: build, static checks, and all tests on servers of their own. Each check counts as one.
 * The last line is `N passed, N failed`.
 *
 * @returns the exit code
 */
export async function runTests(): Promise<number> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const builds = (await runChecks([build])) === 0;
  const failedChecks = (builds ? 0 : 1) + (await runChecks(staticChecks));
  counts.failed += failedChecks;
  counts.passed += 1 + staticChecks.length - failedChecks;
  if (builds) await runVitest(counts);
  else process.stdout.write('The build failed, so no test was run.\n');
  if (counts.skipped > 0) process.stdout.write(`${counts.skipped} skipped\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  return counts.failed === 0 ? 0 : 1;
}

async function runVitest(counts: Counts): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-report-'));
  const file = join(folder, 'report.json');
  try {
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { ok } = await runCommand('vitest', args, 'live');
    const before = counts.failed;
    countReport(JSON.parse(readFileSync(file, 'utf8')) as Report, counts);
    // An error outside any test, such as one thrown after the last, fails the run without failing a test.
    if (!ok && counts.failed === before) counts.failed += 1;
  } catch (error) {
    process.stdout.write(`Vitest wrote no report: ${(error as Error).message}\n`);
    counts.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
