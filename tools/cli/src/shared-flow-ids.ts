import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { canonicalJson, joinShort, parseFlowFile, shortText } from '@causeway/dag';
import { KEPT_ID } from './flow-files.js';

/** Files that must not be imported, with the reasons. */
export interface SharedFlowIds {
  /** Each flow that several files hold with different content. */
  readonly conflicts: readonly FlowConflict[];
  /** By file: an earlier one with the same content, so that this one can be left out. */
  readonly twins: ReadonlyMap<string, string>;
}

export interface FlowConflict {
  readonly files: readonly string[];
  readonly problem: string;
}

/** A flow in a file. */
interface FlowOfFile {
  readonly file: string;
  readonly id: string;
  readonly name: string;
  /** Digest of the flow's content in the file. */
  readonly content: string;
}

interface ReadFile {
  readonly flows: readonly FlowOfFile[];
  /** The file holds only these flows, and no project that they belong to. */
  readonly isPlain: boolean;
}

/**
 * Finds, before anything is imported, the files that hold the same flow: a later one would replace an earlier one, and their names do
 * not show which one is meant. Only digests of the files are kept; the server compares the files in ZIPs.
 */
export function findSharedFlowIds(files: readonly string[]): SharedFlowIds {
  const read = new Map(files.map((file) => [file, readFlows(file)]));
  const conflicts = [
    ...Map.groupBy(
      [...read.values()].flatMap(({ flows }) => flows),
      ({ id }) => id,
    ).values(),
  ]
    .filter(
      (same) => isSeveral(same.map(({ file }) => file)) && isSeveral(same.map(({ content }) => content)),
    )
    .map(conflictOf);
  const refused = new Set(conflicts.flatMap((conflict) => conflict.files));
  const first = new Map<string, string>();
  const twins = new Map<string, string>();
  for (const [file, { flows, isPlain }] of read) {
    if (refused.has(file)) continue;
    const earlier = flows.map(({ id }) => first.get(id));
    if (isPlain && earlier[0] !== undefined && !earlier.includes(undefined)) twins.set(file, earlier[0]);
    for (const { id } of flows) if (!first.has(id)) first.set(id, file);
  }
  return { conflicts, twins };
}

/** The flows of a file; none if it cannot be read, which the import itself reports. */
function readFlows(file: string): ReadFile {
  let text = '';
  try {
    if (!/\.zip$/i.test(file)) text = readFileSync(file, 'utf8');
  } catch {
    return { flows: [], isPlain: false };
  }
  const { flows, folder, problems } = parseFlowFile(text);
  const kept = flows.flatMap((flow) => {
    const { id = '', name } = flow;
    return KEPT_ID.test(id) ? [{ file, id: id.toLowerCase(), name, content: digest(flow) }] : [];
  });
  return { flows: kept, isPlain: !folder && kept.length === flows.length && problems.length === 0 };
}

function digest(flow: object): string {
  return createHash('sha256').update(canonicalJson(flow)).digest('base64');
}

function isSeveral(values: readonly string[]): boolean {
  return new Set(values).size > 1;
}

function conflictOf(same: readonly FlowOfFile[]): FlowConflict {
  const files = [...new Set(same.map(({ file }) => file))];
  const names = new Set(same.map(({ name }) => JSON.stringify(shortText(name, 200))));
  const [first] = same;
  return {
    files,
    problem: `these files hold the same flow, ${joinShort([...names], ' or ', 5)} (${first?.id}), with different content, so none of them is imported. Keep the file that you mean, or remove the "id" from the others to import them as separate flows`,
  };
}
