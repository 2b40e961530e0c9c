import { basename } from 'node:path';
import { ProblemCode } from '@causeway/dag';
import { type Api, ApiError } from '../api.js';
import { readNamedFile } from '../flow-files.js';
import { type ImportProblem, importNotes } from '../import-notes.js';
import { count, paint } from '../output.js';
import type { Output } from '../output.js';
import { findSharedFlowIds } from '../shared-flow-ids.js';
import { takeFlow } from '../take-flow.js';
import { listFlows } from './find-flow.js';

interface Imported {
  readonly id: string;
  readonly name: string;
  readonly updated_at?: string;
  /** Absent in answers of Langflow. */
  readonly problems?: readonly ImportProblem[];
}
interface RemoteFlow {
  readonly id: string;
  readonly name: string;
  readonly folder_id?: string | null;
}
interface RemoteProject {
  readonly id: string;
  readonly name: string;
  readonly description?: string | null;
}
type Change = 'imported' | 'changed' | 'unchanged';
interface RemoteVariable {
  readonly name: string;
  readonly type: string | null;
  readonly default_fields?: string[] | null;
}

/** The result of an import, and what is left to do by hand. */
export interface ImportReport {
  readonly flows: {
    id: string;
    name: string;
    from: string;
    /** The change here; `imported` for a new flow, and when the change is not known since the key may not read flows. */
    change: Change;
    /** Why a flow of another Causeway is not, byte for byte, the file that was imported there. */
    partly?: string;
    problems: readonly ImportProblem[];
  }[];
  /** Files that were left out, each with an earlier file of the same content. */
  readonly twins: { from: string; sameAs: string }[];
  readonly projects: string[];
  /** Variables that flows read, or that the other server has, and that have no value here. */
  readonly variablesToFill: string[];
  readonly failures: { from: string; problem: string }[];
  /** Of the flows, each counted once, and of the refused files or flows. */
  readonly counts: Record<Change | 'refused' | 'cannotRun', number>;
}

/**
 * Imports files unchanged: one flow, several, or ZIPs. Files that hold the same flow with different content are all refused before
 * anything is imported; of files with equal content one is imported.
 */
export async function importFiles(api: Api, files: readonly string[], output: Output): Promise<number> {
  const report = emptyReport();
  const { conflicts, twins } = findSharedFlowIds(files);
  report.failures.push(...conflicts.map((one) => ({ from: one.files.join(', '), problem: one.problem })));
  report.twins.push(...[...twins].map(([from, sameAs]) => ({ from, sameAs })));
  const leftOut = new Set([...conflicts.flatMap((one) => one.files), ...twins.keys()]);
  const known = await findUpdates(api);
  for (const file of files) {
    if (leftOut.has(file)) continue;
    try {
      const bytes = readNamedFile(file);
      output.progress(`importing ${file} (${bytes.length} bytes)`);
      const made = await api.upload<Imported[]>('/api/v1/flows/upload/', basename(file), bytes);
      report.flows.push(...made.map((flow) => imported(flow, file, known)));
    } catch (error) {
      // The server names the file, too.
      const problem = (error as Error).message.replace(`${basename(file)}: `, '');
      report.failures.push({ from: file, problem });
    }
  }
  return finish(report, output);
}

/** Imports flows, projects and the names of variables from a running Langflow (or Causeway). */
export async function importFrom(api: Api, source: Api, output: Output): Promise<number> {
  const report = emptyReport();
  output.progress('reading projects, flows and variables');
  const [projects, flows, variables] = await Promise.all([
    source.json<RemoteProject[]>('GET', '/api/v1/projects/'),
    source.json<RemoteFlow[]>(
      'GET',
      '/api/v1/flows/?get_all=true&header_flows=true&remove_example_flows=true',
    ),
    source.json<RemoteVariable[]>('GET', '/api/v1/variables/'),
  ]);
  const projectIds = await importProjects(api, projects, report);
  const known = await findUpdates(api);
  for (const [index, flow] of flows.entries()) {
    output.progress(`${index + 1}/${flows.length} ${flow.name}`);
    const target = flow.folder_id ? projectIds.get(flow.folder_id) : undefined;
    try {
      const { bytes, fileName = `${flow.name}.json`, partly } = await takeFlow(source, flow.id);
      const query = target === undefined ? '' : `?folder_id=${target}`;
      const made = await api.upload<Imported[]>(`/api/v1/flows/upload/${query}`, fileName, bytes);
      const taken = made.map((one) => imported(one, flow.id, known));
      report.flows.push(...taken.map((one) => (partly === undefined ? one : { ...one, partly })));
    } catch (error) {
      report.failures.push({ from: flow.name, problem: (error as Error).message });
    }
  }
  await importVariables(api, variables, report);
  return finish(report, output);
}

async function importProjects(
  api: Api,
  projects: readonly RemoteProject[],
  report: ImportReport,
): Promise<Map<string, string>> {
  const here = new Map(
    (await api.json<RemoteProject[]>('GET', '/api/v1/projects/')).map((project) => [
      project.name,
      project.id,
    ]),
  );
  const ids = new Map<string, string>();
  for (const { id, name, description } of projects) {
    const known =
      here.get(name) ??
      (await api.json<RemoteProject>('POST', '/api/v1/projects/', { name, description })).id;
    ids.set(id, known);
    report.projects.push(name);
  }
  return ids;
}

async function importVariables(
  api: Api,
  variables: readonly RemoteVariable[],
  report: ImportReport,
): Promise<void> {
  const here = new Set(
    (await api.json<RemoteVariable[]>('GET', '/api/v1/variables/')).map((variable) => variable.name),
  );
  report.variablesToFill.push(...variables.map(({ name }) => name).filter((name) => !here.has(name)));
}

/** The time of the last change of each existing flow, by id; undefined for a key that may not read flows. */
async function findUpdates(api: Api): Promise<Map<string, string> | undefined> {
  const flows = await listFlows(api).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  });
  return flows && new Map(flows.map(({ id, updated_at: updated }) => [id, updated]));
}

/** @param known  the time of each flow's last change; this flow's time is added */
function imported(
  { id, name, updated_at: updated, problems = [] }: Imported,
  from: string,
  known: Map<string, string> | undefined,
): ImportReport['flows'][number] {
  const before = known?.get(id);
  if (updated !== undefined) known?.set(id, updated);
  const change = before === undefined ? 'imported' : before === updated ? 'unchanged' : 'changed';
  return { id, name, from, change, problems };
}

/** The variables that flows read and that do not exist here. */
function missingVariables(flows: ImportReport['flows']): string[] {
  const missing = flows.flatMap(({ problems }) =>
    problems.filter(({ code }) => code === ProblemCode.variableMissing),
  );
  return missing.flatMap(({ variable }) => variable ?? []);
}

/** A flow's line, and below it the problems that keep it from running and the changes of the import: each once, for however many nodes. */
function describe({ id, name, change, partly, problems }: ImportReport['flows'][number]): string {
  const blocking = problems.filter(({ severity }) => severity === 'blocking');
  const told = new Set([
    ...(partly === undefined ? [] : [`  taken as it is shown there: ${partly}`]),
    ...blocking.map(({ code, message, remedy }) => `  ${paint('red', code)} ${message} ${remedy}`),
    ...importNotes(problems).map(
      ({ code, message, remedy }) => `  ${paint('yellow', code)} ${message} ${remedy}`,
    ),
  ]);
  const note = blocking.length > 0 ? `  ${paint('yellow', 'cannot run yet')}` : '';
  return [`${paint('green', change)}  ${id}  ${name}${note}`, ...told].join('\n');
}

function emptyReport(): ImportReport {
  const counts = { imported: 0, changed: 0, unchanged: 0, refused: 0, cannotRun: 0 };
  return { flows: [], twins: [], projects: [], variablesToFill: [], failures: [], counts };
}

/** Counts a flow once, however many files hold it, with its first change. */
function countFlows({ flows, failures, counts }: ImportReport): void {
  for (const same of Map.groupBy(flows, ({ id }) => id).values()) {
    const [first] = same;
    if (first) counts[first.change] += 1;
    const isBlocked = same.at(-1)?.problems.some(({ severity }) => severity === 'blocking');
    if (isBlocked) counts.cannotRun += 1;
  }
  counts.refused = failures.length;
}

function finish(report: ImportReport, output: Output): number {
  const toFill = new Set([...report.variablesToFill, ...missingVariables(report.flows)]);
  report.variablesToFill.splice(0, Infinity, ...toFill);
  countFlows(report);
  output.result(report, () => {
    const lines = report.flows.map(describe);
    lines.push(
      ...report.failures.map(({ from, problem }) => `${paint('red', 'refused')}   ${from}: ${problem}`),
    );
    lines.push(...report.twins.map(({ from, sameAs }) => `skipped    ${from}: same as ${sameAs}`));
    if (report.projects.length > 0) lines.push(`projects: ${report.projects.join(', ')}`);
    if (report.variablesToFill.length > 0)
      lines.push(
        'variables without a value:',
        ...report.variablesToFill.map((name) => `  npx causeway vars set ${name}`),
      );
    const { imported: made, changed, unchanged, refused, cannotRun } = report.counts;
    lines.push(`${made} imported, ${changed} changed, ${unchanged} unchanged, ${refused} refused`);
    if (cannotRun > 0)
      lines.push(`${count(cannotRun, 'flow')} cannot run yet; what to change is written above`);
    return lines.join('\n');
  });
  return report.failures.length > 0 ? 1 : 0;
}
