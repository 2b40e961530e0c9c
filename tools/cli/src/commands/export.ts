import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder } from '@causeway/stack';
import type { Api } from '../api.js';
import { count } from '../output.js';
import type { Output } from '../output.js';
import { findFlow, listFlows } from './find-flow.js';

/** Writes flows as they were imported, byte for byte: to stdout for one flow, into `folder` for one or all. */
export async function exportFlows(
  api: Api,
  which: readonly string[],
  folder: string | undefined,
  output: Output,
): Promise<number> {
  const flows =
    which.length > 0 ? await Promise.all(which.map((name) => findFlow(api, name))) : await listFlows(api);
  const [only] = flows;
  if (folder === undefined) {
    if (!only || flows.length > 1)
      throw new Error(`stdout takes one flow, not ${flows.length}: name a folder with --to`);
    process.stdout.write(await source(api, only.id));
    return 0;
  }
  makeFolder(folder);
  const taken = new Set<string>();
  const written = [];
  for (const flow of flows) {
    const file = join(folder, freeName(flow.name, taken));
    writeFileSync(file, await source(api, flow.id));
    output.progress(file);
    written.push({ id: flow.id, name: flow.name, file });
  }
  output.result(written, () => `${count(written.length, 'flow')} written to ${folder}`);
  return 0;
}

function makeFolder(folder: string): void {
  try {
    ensureFolder(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`the folder ${folder} cannot be created (${code}): choose another one`, { cause: error });
  }
}

function source(api: Api, flowId: string): Promise<Uint8Array> {
  return api.bytes(`/api/platform/v1/flows/${flowId}/source`);
}

function freeName(name: string, taken: Set<string>): string {
  const plain = name.replace(/[^\w.() -]/g, '_').slice(0, 150) || 'flow';
  let free = plain;
  for (let copy = 1; taken.has(free); copy++) free = `${plain} (${copy})`;
  taken.add(free);
  return `${free}.json`;
}
