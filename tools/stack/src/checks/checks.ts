import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findUndrafted } from '@causeway/migrate';
import { buildProjects } from '../build.js';
import { ROOT } from '../places.js';
import { type CommandResult, runCommand } from './run-command.js';

/** One check of the whole checkout. */
export interface Check {
  readonly name: string;
  run(): Promise<CommandResult>;
}

/** Compiles everything. The later checks need its output. */
export const build: Check = { name: 'build', run: () => buildProjects() };

const scanner = 'tools/lint/dist/main.js';

/** The checks that run no code of the platform. */
export const staticChecks: readonly Check[] = [
  { name: 'types of tests', run: () => runCommand('tsc', ['-p', 'tools/stack/types.tsconfig.json']) },
  { name: 'lint', run: () => runCommand('oxlint', ['--deny-warnings', '.']) },
  {
    name: 'format',
    run: () =>
      runCommand('prettier', [
        '--check',
        '--cache',
        '--cache-location=node_modules/.cache/prettier.json',
        '--log-level=warn',
        '.',
      ]),
  },
  ...(existsSync(join(ROOT, scanner)) ? [{ name: 'imports', run: () => runCommand('node', [scanner]) }] : []),
  { name: 'migrations match schemas', run: checkMigrations },
  { name: 'generated pages', run: () => runCommand('node', ['tools/gen/dist/main.js', '--check']) },
];

async function checkMigrations(): Promise<CommandResult> {
  const undrafted = await findUndrafted(join(ROOT, 'services'));
  const output = undrafted
    .map(
      (service) =>
        `services/${service}/prisma/schema.prisma has changes: npm run migrate -- new ${service} NAME`,
    )
    .join('\n');
  return { ok: undrafted.length === 0, output };
}

/** Runs checks one after the other, prints the result of each, and returns how many failed. */
export async function runChecks(checks: readonly Check[]): Promise<number> {
  let failed = 0;
  for (const { name, run } of checks) {
    const start = Date.now();
    const { ok, output } = await run().catch((error: Error) => ({ ok: false, output: error.message }));
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    process.stdout.write(
      `${ok ? 'passed' : 'FAILED'}  ${name} (${seconds} s)\n${ok ? '' : `${output.trimEnd()}\n`}`,
    );
    if (!ok) failed += 1;
  }
  return failed;
}
