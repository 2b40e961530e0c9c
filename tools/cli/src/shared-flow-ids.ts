import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { canonicalJson, joinShort, parseFlowFile, shortText } from '@causeway/dag';

/** Files that are not to be imported, and why. */
export interface SharedFlowIds {
  /** Each flow that several files hold with different content. */
  readonly conflicts: readonly FlowConflict[];
  /** By file: an earlier one that holds the same, so that nothing is lost without it. */
  readonly twins: ReadonlyMap<string, string>;
}

export interface FlowConflict {
  readonly files: readonly string[];
  readonly problem: string;
}

/** A flow as a file has it. */
interface FlowOfFile {
  readonly file: string;
  readonly id: string;
  readonly name: string;
  /** Digest of all that the file says about the flow. */
  readonly content: string;
}

interface ReadFile {
  readonly flows: readonly FlowOfFile[];
  /** It holds nothing but these flows: no others, and no project that they belong to. */
  readonly isPlain: boolean;
}

/** An id that an import keeps; a flow of any other is a new one each time. */
const KEPT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Finds out before anything is imported which files hold one flow: the later would replace the earlier, and which of them is meant
 * cannot be told from their names. Only digests of the files are kept; what is in ZIPs is the server's to compare.
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

/** The flows of a file; none of one that cannot be read, which the import itself tells. */
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
