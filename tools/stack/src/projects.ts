import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './places.js';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The given projects (`libs/dag`) and every project that depends on one of them, directly or through others. */
export function usersOf(projects: readonly string[]): ReadonlySet<string> {
  const manifests = readManifests();
  const users = new Set(projects);
  for (let before = 0; before < users.size;) {
    before = users.size;
    const names = new Set([...users].map((project) => manifests.get(project)?.name));
    for (const [project, { dependencies = {} }] of manifests) {
      if (Object.keys(dependencies).some((name) => names.has(name))) users.add(project);
    }
  }
  return users;
}

function readManifests(): Map<string, Manifest> {
  const projects = ['libs', 'services', 'tools'].flatMap((area) =>
    readdirSync(join(ROOT, area)).map((name) => `${area}/${name}`),
  );
  const manifests = new Map<string, Manifest>();
  for (const project of projects) {
    const file = join(ROOT, project, 'package.json');
    if (existsSync(file)) manifests.set(project, JSON.parse(readFileSync(file, 'utf8')) as Manifest);
  }
  return manifests;
}
