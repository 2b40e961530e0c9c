import { readFileSync } from 'node:fs';
import { catalogue } from '@causeway/components/specs';
import {
  ProblemCode,
  blockingProblems,
  chooseScope,
  compileFlow,
  isNameShown,
  parseFlowFile,
  unshownVariableRemedy,
  variableUses,
} from '@causeway/dag';
import type { Problem, RunScope, VariableUse } from '@causeway/dag';
import { describeFileProblem } from '../flow-files.js';
import { paint } from '../output.js';
import type { Output } from '../output.js';

/** True for a file that could not be read. */
type FileProblem = Omit<Problem, 'code'> & { readonly code: 'FILE_UNREADABLE' };

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

/** The flow syntax check: needs no server. Exit code 0 when every flow can run, 1 when one cannot. */
export function validate(files: readonly string[], output: Output): number {
  const checked = files.flatMap((file) => checkFile(file));
  output.result(checked, () => checked.map(describe).join('\n'));
  return checked.every((flow) => flow.runs) ? 0 : 1;
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
      ...plan.problems,
      ...(Array.isArray(scope) ? (scope as Problem[]) : []),
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

function readText(file: string): string | FileProblem {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const message = `The file cannot be read: ${describeFileProblem(error as Error, file)}.`;
    return { code: 'FILE_UNREADABLE', severity: 'blocking', message, remedy: 'Check its path.', nodes: [] };
  }
}

function withoutFlow(file: string, problems: Checked['problems']): Checked {
  return { file, flow: '', runs: false, problems, variables: [] };
}

function describe({ file, flow, runs, problems, variables }: Checked): string {
  const isWarned = runs && problems.length > 0;
  const verdict = runs
    ? paint('green', isWarned ? 'runs, with warnings' : 'runs')
    : paint('red', 'cannot run');
  const head = `${verdict}  ${file}${flow ? `  ${paint('bold', flow)}` : ''}`;
  const lines = problems.map((problem) => {
    const where = problem.nodes.length > 0 ? ` [${problem.nodes.join(', ')}]` : '';
    const mark = problem.severity === 'blocking' ? paint('red', problem.code) : paint('yellow', problem.code);
    return `  ${mark}${where} ${problem.message}\n    ${paint('dim', problem.remedy)}`;
  });
  if (isWarned)
    lines.push(
      problems.some(({ severity }) => severity === 'blocking')
        ? '  The flow still runs: the nodes that cannot run are not part of a run.'
        : '  The flow still runs: warnings say what is different in a run; they do not block it.',
    );
  if (variables.length > 0)
    lines.push(`  reads ${variables.join(', ')}; set with: npx causeway vars set NAME`);
  return [head, ...lines].join('\n');
}
