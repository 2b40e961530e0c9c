import { causewayError } from '@causeway/contracts';
import { ProblemCode, flowFileText } from '@causeway/dag';
import type { FlowDocument, ParsedFlowFile } from '@causeway/dag';

/** Problems that mean that a file, or a part of it, is not a flow. With any other problem the flow is stored and the problem reported. */
const unreadable: ReadonlySet<string> = new Set([
  ProblemCode.notJson,
  ProblemCode.notAFlow,
  ProblemCode.tooLarge,
  ProblemCode.tooDeep,
]);

/**
 * The flows of a file.
 *
 * @param what  names the file in errors
 * @throws CausewayError FLOW_INVALID when a part of the file is not a flow
 */
export function readableFlows(parsed: ParsedFlowFile, what: string): readonly FlowDocument[] {
  const problems = parsed.problems.filter(({ code }) => unreadable.has(code));
  if (problems.length > 0) {
    const told = problems.slice(0, 5).map(({ message, remedy }) => `${message} ${remedy}`);
    throw causewayError('FLOW_INVALID', { problems: `${what}: ${told.join(' ')}` });
  }
  return parsed.flows;
}

/**
 * A file's text.
 *
 * @throws CausewayError FLOW_INVALID when its bytes are not UTF-8 text
 */
export function utf8Text(bytes: Uint8Array, what: string): string {
  const text = flowFileText(bytes);
  if (typeof text === 'string') return text;
  throw causewayError('FLOW_INVALID', { problems: `${what}: ${text.message} ${text.remedy}` });
}
