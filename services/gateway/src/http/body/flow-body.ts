import { setImmediate as nextTurn } from 'node:timers/promises';
import { JsonText, causewayError } from '@causeway/contracts';
import { isPlainObject } from '@causeway/dag';
import { SplitError, type SplitProblem, splitJson } from '../../domain/split-json.js';
import { MAX_DEPTH, parseJsonText, tooDeep, tooManyValues } from './json-text.js';

/** Most values of a body with its graphs: the registry's cost to parse them, in time and memory, depends on their number. */
const MOST_VALUES = 1_000_000;
/** Most bytes of a body without its graphs. */
const MOST_BESIDE_BYTES = 2 * 1024 ** 2;
/** The paths of the graphs. */
const graphPaths = { flow: ['data'], flows: ['flows', '*', 'data'] } as const;

/**
 * Parses a body that holds one flow or several, but not their graphs: each becomes a `JsonText`. A graph may have 20 MB, and the gateway
 * does not need its content: the registry parses it and reports its errors.
 *
 * @throws CausewayError REQUEST_INVALID beyond 200 levels, 1,000,000 values, or 2 MiB without the graphs; SyntaxError when the
 *         text around the graphs is not JSON
 */
export async function parseFlowBody(text: Buffer, holds: keyof typeof graphPaths): Promise<unknown> {
  const limits = { levels: MAX_DEPTH, values: MOST_VALUES, restBytes: MOST_BESIDE_BYTES };
  const splitting = splitJson(text, graphPaths[holds], limits);
  try {
    let step = splitting.next();
    for (; !step.done; step = splitting.next()) await nextTurn();
    const graphs: JsonText[] = [];
    for (const graph of step.value.objects) {
      graphs.push(new JsonText(graph.toString()));
      await nextTurn();
    }
    const body = await parseJsonText(step.value.rest.toString(), 'body');
    return withGraphs(body, graphPaths[holds], graphs);
  } catch (error) {
    if (!(error instanceof SplitError)) throw error;
    throw error.problem === undefined ? new SyntaxError(error.message) : refusals[error.problem]();
  }
}

const refusals: Readonly<Record<SplitProblem, () => Error>> = {
  deep: () => tooDeep('body'),
  values: () => tooManyValues('body', MOST_VALUES),
  rest: () =>
    causewayError('REQUEST_INVALID', {
      problems: `body: more than ${MOST_BESIDE_BYTES} bytes without the graphs of its flows, the limit of a request`,
    }),
};

/** Puts the graphs back into the value: each object at the path is replaced by its graph. */
function withGraphs(value: unknown, path: readonly string[], graphs: readonly JsonText[]): unknown {
  const [step, ...below] = path;
  if (step === undefined) return isPlainObject(value) ? graphs[Number(value[''])] : value;
  if (step === '*' && Array.isArray(value)) return value.map((item) => withGraphs(item, below, graphs));
  if (step === '*' || !isPlainObject(value) || !Object.hasOwn(value, step)) return value;
  value[step] = withGraphs(value[step], below, graphs);
  return value;
}
