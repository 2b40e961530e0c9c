import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkBounds, findKinds, readTables } from './bounds.js';
import { findCycles } from './cycles.js';
import { checkMigrations, readMigrationFiles } from './migrations.js';
import { checkFolders } from './folders.js';
import { checkPackages } from './packages.js';
import { rules } from './rules.js';
import { readSourceFile } from './source-file.js';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const paths = globSync('{libs,services,tools}/*/{src,test}/**/*.ts', { cwd: root })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !path.includes('/generated/'))
  .sort();
const projects = globSync('{libs,services,tools}/*/package.json', { cwd: root })
  .map((path) => path.replace('/package.json', ''))
  .sort();
const files = paths.map((path) => readSourceFile(root, path));
const findings = [
  ...files.flatMap((file) => rules.flatMap((rule) => rule(file))),
  ...findCycles(files),
  ...checkFolders(files),
  ...checkPackages(root, projects),
  ...checkMigrations(readMigrationFiles(root)),
  ...checkBounds(readTables(root), findKinds(files.filter(({ isTest }) => !isTest))),
];

for (const { path, line, message } of findings) console.error(`${path}:${line}  ${message}`);
console.log(
  `imports and structure: ${files.length} files in ${projects.length} projects, ${findings.length} findings`,
);
process.exitCode = findings.length > 0 ? 1 : 0;
