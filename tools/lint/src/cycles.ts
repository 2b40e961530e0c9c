import { dirname, join } from 'node:path/posix';
import type { Finding } from './rules.js';
import type { SourceFile } from './source-file.js';

/** Finds import cycles among files, also of type imports. One finding per cycle, at its alphabetically first file. */
export function findCycles(files: readonly SourceFile[]): Finding[] {
  const known = new Map(files.map((file) => [file.path, file]));
  const next = (file: SourceFile): string[] =>
    file.imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => join(dirname(file.path), specifier).replace(/\.js$/, '.ts'))
      .filter((path) => known.has(path));

  const done = new Set<string>();
  const findings = new Map<string, Finding>();
  for (const start of known.keys()) {
    const trail: string[] = [];
    const onTrail = new Set<string>();
    const stack: { path: string; leave: boolean }[] = [{ path: start, leave: false }];
    for (let step = stack.pop(); step; step = stack.pop()) {
      if (step.leave) {
        trail.pop();
        onTrail.delete(step.path);
        done.add(step.path);
        continue;
      }
      if (onTrail.has(step.path)) {
        const cycle = trail.slice(trail.indexOf(step.path));
        const first = [...cycle].sort()[0] as string;
        findings.set([...cycle].sort().join(), {
          path: first,
          line: 1,
          message: `import cycle: ${[...cycle, step.path].join(' → ')}`,
        });
        continue;
      }
      if (done.has(step.path)) continue;
      trail.push(step.path);
      onTrail.add(step.path);
      stack.push({ path: step.path, leave: true });
      for (const path of next(known.get(step.path) as SourceFile)) stack.push({ path, leave: false });
    }
  }
  return [...findings.values()];
}
