import { existsSync, readFileSync } from 'node:fs';
import { importsOf } from './layers.js';
import type { Finding } from './rules.js';

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

/** Rules about package.json files: exact versions, one version of each dependency; and the pages a service must have. */
export function checkPackages(root: string, projects: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, { version: string; path: string }>();
  for (const project of ['.', ...projects]) {
    const path = `${project === '.' ? '' : `${project}/`}package.json`;
    const manifest = JSON.parse(readFileSync(`${root}/${path}`, 'utf8')) as Manifest;
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    for (const [name, version] of Object.entries(all)) {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        findings.push({ path, line: 1, message: `${name} ${version}: pin the exact version` });
      const other = seen.get(name);
      if (other && other.version !== version)
        findings.push({
          path,
          line: 1,
          message: `${name} is ${version} here and ${other.version} in ${other.path}`,
        });
      seen.set(name, { version, path });
    }
  }
  for (const project of projects) {
    if (!importsOf(project))
      findings.push({
        path: project,
        line: 1,
        message: 'not in tools/lint/src/layers.ts: say what it may import',
      });
    if (!project.startsWith('services/') || project === 'services/console') continue;
    for (const page of ['README.md', 'src/main.ts', 'src/config.ts', 'src/app.module.ts'])
      if (!existsSync(`${root}/${project}/${page}`))
        findings.push({ path: `${project}/${page}`, line: 1, message: 'every service has this file' });
  }
  return findings;
}
