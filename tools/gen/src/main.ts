import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { platformSettings } from '@causeway/platform';
import type { SettingsDefinition } from '@causeway/platform';
import { format } from 'prettier';
import { attacks } from './negative-tests.js';
import { contractPages } from './pages.js';
import type { Page } from './pages.js';
import { findMisnamed, findNamedTests, securityPage } from './security-page.js';
import { withSettings } from './settings.js';
import { findUndocumented } from './undocumented.js';

/** Writes every page that is generated from code; with `--check` it writes nothing and fails when a page is not up to date. */
const root = fileURLToPath(new URL('../../..', import.meta.url));
/** What runs, but not what tests it. */
const SOURCES = '{libs,services,tools}/*/{src/**/*.ts,*.mjs}';
const IS_TEST = /\.test\.ts$|\/generated\//;
/** What tests it; stories are functions in files of their own. */
const TESTS = '{libs,services,tools}/*/{{src,test}/**/*.test.ts,test/stories/**/*.ts}';
const check = process.argv.includes('--check');

const stale: string[] = [];
const tests = readTests();
const security = securityPage(attacks, findNamedTests(tests));
const problems = [...security.problems, ...findMisnamed(tests)];
for (const page of [...contractPages(), ...(await settingsPages()), security.page]) {
  const text = await format(page.text, {
    parser: page.path.endsWith('.md') ? 'markdown' : 'json',
    printWidth: 110,
    singleQuote: true,
  });
  const file = `${root}/${page.path}`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale.push(page.path);
  if (!check) writeFileSync(file, text);
}
for (const path of stale) console.log(check ? `${path} is out of date: npm run gen` : `wrote ${path}`);
if (stale.length === 0) console.log('every generated page is up to date');
const undocumented = findUndocumented(readAll(SOURCES), [
  ...readAll('{libs,services,tools}/*/README.md').values(),
]);
for (const { name, file } of undocumented)
  console.log(`${file} names ${name}, which is in no settings table of a README`);
for (const problem of problems) console.log(problem);
process.exitCode = undocumented.length + problems.length > 0 || (check && stale.length > 0) ? 1 : 0;

function readTests(): Map<string, string> {
  // A page in the order of an index of files would differ from machine to machine.
  const files = globSync(TESTS, { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.startsWith('tools/gen/'));
  return new Map(files.sort().map((file) => [file, readFileSync(`${root}/${file}`, 'utf8')]));
}

function readAll(pattern: string): Map<string, string> {
  const files = globSync(pattern, { cwd: root }).filter((file) => !IS_TEST.test(file));
  return new Map(files.map((file) => [file, readFileSync(`${root}/${file}`, 'utf8')]));
}

/** The README of the platform and of each service, with its settings table. */
async function settingsPages(): Promise<Page[]> {
  const platform = 'libs/platform/README.md';
  const pages: Page[] = [
    { path: platform, text: withSettings(readFileSync(`${root}/${platform}`, 'utf8'), platformSettings) },
  ];
  for (const config of globSync('services/*/dist/config.js', { cwd: root }).sort()) {
    const path = config.replace('dist/config.js', 'README.md');
    if (!existsSync(`${root}/${path}`)) continue;
    const { settings } = (await import(pathToFileURL(`${root}/${config}`).href)) as {
      settings: SettingsDefinition;
    };
    pages.push({ path, text: withSettings(readFileSync(`${root}/${path}`, 'utf8'), settings) });
  }
  return pages;
}
