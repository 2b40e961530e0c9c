import { readFileSync } from 'node:fs';
import { catalogue } from '@causeway/components/specs';
import {
  ProblemCode,
  blockingProblems,
  chooseScope,
  compileFlow,
  flowFileText,
  isNameShown,
  parseFlowFile,
  problemsOfRuns,
  unshownVariableRemedy,
  variableUses,
} from '@causeway/dag';
import type { Problem, RunScope, VariableUse } from '@causeway/dag';
import { describeFileProblem } from '../flow-files.js';
import { paint } from '../output.js';
import type { Output } from '../output.js';
import { type FlowConflict, findSharedFlowIds } from '../shared-flow-ids.js';

/** True for a file that could not be read, or for several files together. */
type FileProblem = Omit<Problem, 'code'> & { readonly code: 'FILE_UNREADABLE' | 'FLOW_FILES_CONFLICT' };

/** The problems of one flow of a file. */
export interface Checked {
  readonly file: string;
  readonly flow: string;
  /** A run of it would be accepted. */
  readonly runs: boolean;
  readonly problems: readonly (Problem | FileProblem)[];
  /** Names of the variables that it reads. */
  readonly variables: readonly string[];
}

/**
 * The flow syntax check: needs no server. Exit code 0 when every flow can run, 1 when one cannot or when an import of these files
 * together would be refused.
 */
export function validate(files: readonly string[], output: Output): number {
  const conflicts = findSharedFlowIds(files).conflicts.map(conflictIn);
  const flows = files.flatMap((file) => checkFile(file));
  const checked = [...flows, ...conflicts];
  output.result(checked, () => [...checked.map(describe), ...summary(flows)].join('\n'));
  return checked.every((flow) => flow.runs) ? 0 : 1;
}

/** Files that an import refuses, since they hold the same flow with different content. */
function conflictIn({ files, problem }: FlowConflict): Checked {
  const found: FileProblem = {
    code: 'FLOW_FILES_CONFLICT',
    severity: 'blocking',
    message: `${upperFirst(problem)}.`,
    remedy: 'Give only the files that are to be imported.',
    nodes: [],
  };
  return withoutFlow(files.join(', '), [found]);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Parses and compiles every flow of a file. A file that cannot be read, or has no flow, does not affect other files. */
export function checkFile(file: string): Checked[] {
  const read = readText(file);
  if (typeof read !== 'string') return [withoutFlow(file, [read])];
  const parsed = parseFlowFile(read);
  // The plan lists the problems of a flow's structure as well, so only the problems of a text that is not a flow are added here.
  const flowless = parsed.problems.filter(
    ({ code }) => parsed.flows.length === 0 || code === ProblemCode.notAFlow,
  );
  if (parsed.flows.length === 0 && flowless.length === 0) flowless.push(empty);
  const rest = flowless.length > 0 ? [withoutFlow(file, flowless)] : [];
  const flows = parsed.flows.map((flow) => {
    const plan = compileFlow(flow, catalogue);
    const scope = chooseScope(plan, {});
    const runs = !Array.isArray(scope) && blockingProblems(plan, scope as RunScope).length === 0;
    const uses = variableUses(plan);
    const shown = uses.filter(isNameShown).map(({ variable }) => variable);
    const problems = [
      ...problemsOfRuns(plan),
      ...uses.filter((use) => !isNameShown(use)).map(unshownVariable),
    ];
    return { file, flow: flow.name, runs, problems, variables: [...new Set(shown)].toSorted() };
  });
  return [...flows, ...rest];
}

/** The form of a key that was typed in place of a variable's name. */
function unshownVariable({ node, nodeName, nodeType, field }: VariableUse): Problem {
  return {
    code: ProblemCode.variableMissing,
    severity: 'warning',
    message: `"${nodeName}" (${node}) takes its field "${field}" from a variable; its name is in the node, and is not shown since it could be a key.`,
    remedy: unshownVariableRemedy,
    nodes: [node],
    nodeType,
    field,
  };
}

const empty: Problem = {
  code: ProblemCode.notAFlow,
  severity: 'blocking',
  message: 'The file holds no flow.',
  remedy: 'Export the flow from Langflow and give that file.',
  nodes: [],
};

function readText(file: string): string | Problem | FileProblem {
  try {
    return flowFileText(readFileSync(file));
  } catch (error) {
    const message = `The file cannot be read: ${describeFileProblem(error as Error, file)}.`;
    return { code: 'FILE_UNREADABLE', severity: 'blocking', message, remedy: 'Check its path.', nodes: [] };
  }
}

function withoutFlow(file: string, problems: Checked['problems']): Checked {
  return { file, flow: '', runs: false, problems, variables: [] };
}

/** A run of it is accepted when the request gives a value or file that the flow does not have. */
function isIncomplete({ runs, problems }: Pick<Checked, 'runs' | 'problems'>): boolean {
  return !runs && problems.every(({ severity }) => severity === 'warning');
}

function verdictOf(checked: Pick<Checked, 'runs' | 'problems'>): string {
  if (isIncomplete(checked)) return paint('yellow', 'needs a value or file');
  if (!checked.runs) return paint('red', 'cannot run');
  return paint('green', checked.problems.length > 0 ? 'runs, with warnings' : 'runs');
}

/** The last line for several flows: how many run, and how many do not. */
function summary(checked: readonly Checked[]): string[] {
  if (checked.length < 2) return [];
  const running = checked.filter(({ runs }) => runs).length;
  const incomplete = checked.filter(isIncomplete).length;
  const rest = checked.length - running - incomplete;
  return [
    `${checked.length} flows: ${running} can run, ${incomplete} can run once a value or file is given, ${rest} cannot run`,
  ];
}

/** Most problems of a file without flows that are shown: one file could fill the screen. */
const MOST_OF_FILE = 5;

function describe({ file, flow, runs, problems, variables }: Checked): string {
  const isWarned = runs && problems.length > 0;
  const head = `${verdictOf({ runs, problems })}  ${file}${flow ? `  ${paint('bold', flow)}` : ''}`;
  const shown = flow === '' ? problems.slice(0, MOST_OF_FILE) : problems;
  const lines = shown.map((problem) => {
    const unnamed = problem.nodes.filter((id) => !problem.message.includes(id));
    const where = unnamed.length > 0 ? ` [${unnamed.join(', ')}]` : '';
    const mark = problem.severity === 'blocking' ? paint('red', problem.code) : paint('yellow', problem.code);
    return `  ${mark}${where} ${problem.message}\n    ${paint('dim', problem.remedy)}`;
  });
  if (shown.length < problems.length) lines.push(`  … and ${problems.length - shown.length} more`);
  if (isWarned)
    lines.push(
      '  The flow still runs: warnings say what is different in a run, or which nodes are not part of it; they do not block it.',
    );
  lines.push(...variables.map((name) => `  reads ${name}; set with: npx causeway vars set ${name}`));
  return [head, ...lines].join('\n');
}
