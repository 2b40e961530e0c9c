import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareIndex, describeDifference } from './compare-index.js';

/**
 * Prints what the catalogue lacks of Langflow's components. The argument is a component index, a folder that holds one, or a
 * version of lfx such as 1.13.0, which pip downloads into a temporary folder.
 */
const [source = ''] = process.argv.slice(2);
if (source === '') {
  console.error('usage: npm run compare-index -- <component_index.json | folder | version of lfx on PyPI>');
  process.exitCode = 1;
} else if (/^\d+\.\d+/.test(source)) {
  const folder = mkdtempSync(join(tmpdir(), 'lfx-'));
  try {
    compare(indexIn(download(source, folder)));
  } finally {
    rmSync(folder, { recursive: true });
  }
} else {
  compare(statSync(source).isDirectory() ? indexIn(source) : source);
}

function compare(file: string): void {
  console.log(describeDifference(compareIndex(JSON.parse(readFileSync(file, 'utf8')))));
}

function indexIn(folder: string): string {
  const [file] = globSync('**/component_index.json', { cwd: folder });
  if (file === undefined) throw new Error(`There is no component_index.json in ${folder}.`);
  return join(folder, file);
}

function download(version: string, folder: string): string {
  const run = (...args: string[]): unknown => execFileSync('python3', ['-m', ...args], { stdio: 'inherit' });
  run('pip', 'download', '--quiet', '--no-deps', '--dest', folder, `lfx==${version}`);
  const [wheel] = globSync('lfx-*.whl', { cwd: folder });
  if (wheel === undefined) throw new Error(`pip downloaded no wheel of lfx ${version}.`);
  run('zipfile', '-e', join(folder, wheel), join(folder, 'lfx'));
  return join(folder, 'lfx');
}
