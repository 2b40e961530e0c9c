import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ROOT } from '@causeway/stack';

export type DevFlows =
  | { readonly available: true; readonly folder: string; readonly files: readonly DevFlow[] }
  | { readonly available: false; readonly reason: string; readonly files: readonly [] };

export interface DevFlow {
  /** Relative to the folder: `starter-1.10.2/basic-prompting.json`. */
  readonly name: string;
  readonly path: string;
}

/**
 * Flows exported from many versions of Langflow, kept outside this repository: in the folder that CAUSEWAY_DEV_FLOWS
 * names, else next to the checkout. When they are absent, a test that needs them is skipped with `reason` as its message.
 */
export function devFlows(): DevFlows {
  const folder = resolve(process.env['CAUSEWAY_DEV_FLOWS'] || join(ROOT, '../shared/langflow-flows/dev'));
  if (!existsSync(folder)) {
    return {
      available: false,
      reason: `no flows at ${folder}: set CAUSEWAY_DEV_FLOWS to their folder`,
      files: [],
    };
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json') && entry.name !== 'INDEX.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: relative(folder, path), path }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { available: true, folder, files };
}
