import { setImmediate as nextTurn } from 'node:timers/promises';
import { JsonText, causewayError } from '@causeway/contracts';
import { isPlainObject } from '@causeway/dag';
import { SplitError, type SplitProblem, splitJson } from '../../domain/split-json.js';
import { MAX_DEPTH, parseJsonText, tooDeep, tooManyValues } from './json-text.js';

/** Values that a body may have with its graphs: what parsing them costs the registry, in time and memory, goes by their number. */
const MOST_VALUES = 1_000_000;
/** What a body may have beside its graphs, in bytes. */
const MOST_BESIDE_BYTES = 2 * 1024 ** 2;
/** Where the graphs stand. */
const graphPaths = { flow: ['data'], flows: ['flows', '*', 'data'] } as const;

/**
 * Parses a body that holds a flow, or several, without their graphs: each becomes a `JsonText`. A graph may have 20 MB, and nothing
 * here needs its insides: the registry parses it, and says what is wrong with it.
 *
 * @throws CausewayError REQUEST_INVALID beyond 200 levels, 1,000,000 values, or 2 MiB beside the graphs; SyntaxError for what is no
 *         JSON around the graphs
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
      problems: `body: more than ${MOST_BESIDE_BYTES} bytes beside the graphs of its flows, the limit of a request`,
    }),
};

/** The value with the graphs that were taken out of it. Each object at the path stands for one of them. */
function withGraphs(value: unknown, path: readonly string[], graphs: readonly JsonText[]): unknown {
  const [step, ...below] = path;
  if (step === undefined) return isPlainObject(value) ? graphs[Number(value[''])] : value;
  if (step === '*' && Array.isArray(value)) return value.map((item) => withGraphs(item, below, graphs));
  if (step === '*' || !isPlainObject(value) || !Object.hasOwn(value, step)) return value;
  value[step] = withGraphs(value[step], below, graphs);
  return value;
}
