import { causewayError, errors, fromWireError, toWireError } from '@causeway/contracts';
import type { RunError, WireError } from '@causeway/contracts';
import { CausewayError, isCausewayError, joinShort, shortUnmasked } from '@causeway/dag';
import type { PlanNode, Problem } from '@causeway/dag';

/** A name comes from the flow's file, which does not limit its length. */
const MOST_NAME_CHARACTERS = 500;

/** The error of a run in which a node failed, worded as Langflow words it. */
export function nodeError(
  node: Pick<PlanNode, 'id' | 'displayName'>,
  thrown: unknown,
  requestId: string,
): RunError {
  const { code, message, details } = toWireError(thrown, requestId);
  const isOfNode = code === 'NODE_FAILED' || code === 'FIELD_INVALID';
  const problem = isOfNode && typeof details['problem'] === 'string' ? details['problem'] : message;
  const nodeName = shortUnmasked(node.displayName, MOST_NAME_CHARACTERS);
  return { code, message: `Error building Component ${nodeName}: \n\n${problem}`, nodeId: node.id, nodeName };
}

/** The error of a run that ended for a reason outside its nodes: it was cancelled, timed out or could not start. */
export function runError(thrown: unknown, requestId: string): RunError {
  const { code, message } = toWireError(thrown, requestId);
  return { code, message };
}

/** One error for all problems of a plan: it lists each with its remedy, and has their code when they share one. */
export function problemsError(problems: readonly Problem[]): CausewayError {
  const text = joinShort(
    problems.map((problem) => `${problem.message} ${problem.remedy}`),
    '\n',
  );
  const codes = new Set<string>(problems.map((problem) => problem.code));
  const [code = ''] = codes;
  if (codes.size === 1 && Object.hasOwn(errors, code)) return new CausewayError(code, text);
  return causewayError('FLOW_CANNOT_RUN', { problems: text });
}

/** A failed call's error as the journal keeps it: enough for the call to fail in the same way again. */
export function writeCallError(thrown: unknown, requestId: string): string {
  return JSON.stringify(toWireError(thrown, requestId));
}

/** The error behind `writeCallError`. */
export function readCallError(text: string): CausewayError {
  return fromWireError(JSON.parse(text) as WireError);
}

const stops: readonly string[] = ['RUN_CANCELLED', 'RUN_TIMED_OUT', 'LEASE_LOST', 'DRAINING'];

/** True for errors that say the run itself was stopped, not that a step went wrong. */
export function isStop(error: unknown): boolean {
  return isCausewayError(error) && stops.includes(error.code);
}
