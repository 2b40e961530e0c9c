import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SettingsDefinition } from '@causeway/platform';
import { format } from 'prettier';
import { contractPages } from './pages.js';
import type { Page } from './pages.js';
import { withSettings } from './settings.js';

/** Writes every page that is generated from code; with `--check` it writes nothing and fails when a page is not up to date. */
const root = fileURLToPath(new URL('../../..', import.meta.url));
const check = process.argv.includes('--check');

const stale: string[] = [];
for (const page of [...contractPages(), ...(await settingsPages())]) {
  const text = await format(page.text, {
    parser: page.path.endsWith('.md') ? 'markdown' : 'json',
    printWidth: 110,
  });
  const file = `${root}/${page.path}`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale.push(page.path);
  if (!check) writeFileSync(file, text);
}
for (const path of stale) console.log(check ? `${path} is out of date: npm run gen` : `wrote ${path}`);
if (stale.length === 0) console.log('every generated page is up to date');
process.exitCode = check && stale.length > 0 ? 1 : 0;

/** The README of each service, with its settings table. */
async function settingsPages(): Promise<Page[]> {
  const pages: Page[] = [];
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
