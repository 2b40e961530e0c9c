import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { JsonText } from '@causeway/contracts';
import { isPlainObject } from '@causeway/dag';
import { MAX_DEPTH, parseJsonText, tooDeep, tooManyValues } from './json-text.js';

/** Values that a graph may have: what parsing it costs the registry, in time and memory, goes by their number. */
const MOST_VALUES = 1_000_000;
/** Characters that are looked at before others are served. */
const TURN_CHARACTERS = 1024 * 1024;

/**
 * Parses a body that holds flows, without their graphs: `data`, or `data` in each of `flows`, becomes a `JsonText`. A graph may have
 * 20 MB, and nothing here needs its insides: the registry parses it, and says what is wrong with it.
 *
 * @throws CausewayError REQUEST_INVALID beyond 200 levels or 1,000,000 values; SyntaxError for what is no JSON around the graphs
 */
export async function parseFlowBody(text: string): Promise<unknown> {
  const graphs = new GraphFinder(text);
  while (graphs.look()) await nextTurn();
  const mark = `${randomUUID()}:`;
  const pieces: string[] = [];
  let end = 0;
  for (const [index, graph] of graphs.found.entries()) {
    pieces.push(text.slice(end, graph.start), JSON.stringify(`${mark}${index}`));
    end = graph.end;
  }
  const body = await parseJsonText(pieces.join('') + text.slice(end), 'body');
  const withGraph = (flow: unknown): void => {
    if (!isPlainObject(flow) || typeof flow['data'] !== 'string' || !flow['data'].startsWith(mark)) return;
    const graph = graphs.found[Number(flow['data'].slice(mark.length))];
    if (graph) flow['data'] = new JsonText(text.slice(graph.start, graph.end));
  };
  withGraph(body);
  if (isPlainObject(body) && Array.isArray(body['flows'])) body['flows'].forEach(withGraph);
  return body;
}

/** Finds the objects that stand where graphs do, in one walk over the text that can be interrupted. */
class GraphFinder {
  readonly found: { readonly start: number; end: number }[] = [];
  /** Of each open bracket, whether it is an object's. */
  private readonly open: boolean[] = [];
  /** Of each open object of the first levels, the name of the member that is read. */
  private readonly names: (string | undefined)[] = [];
  private at = 0;
  private values = 1;
  private isName = false;
  private graphDepth = 0;

  constructor(private readonly text: string) {}

  /** Looks at the next part. @returns whether there is more */
  look(): boolean {
    const { text, open } = this;
    const until = Math.min(text.length, this.at + TURN_CHARACTERS);
    for (; this.at < until; this.at++) {
      const sign = text.charCodeAt(this.at);
      if (sign === QUOTE) this.passString();
      else if (sign === COMMA) {
        this.count();
        this.isName = open.at(-1) === true;
      } else if (sign === OPEN_BRACE || sign === OPEN_BRACKET) {
        this.count();
        if (sign === OPEN_BRACE && this.isGraph()) {
          this.found.push({ start: this.at, end: text.length });
          this.graphDepth = open.length + 1;
        }
        if (open.push(sign === OPEN_BRACE) > MAX_DEPTH) throw tooDeep('body');
        this.isName = sign === OPEN_BRACE;
      } else if (sign === CLOSE_BRACE || sign === CLOSE_BRACKET) {
        const graph = this.found.at(-1);
        if (graph && open.length === this.graphDepth) {
          graph.end = this.at + 1;
          this.graphDepth = 0;
        }
        open.pop();
        this.isName = false;
      }
    }
    return this.at < text.length;
  }

  private count(): void {
    if (++this.values > MOST_VALUES) throw tooManyValues('body', MOST_VALUES);
  }

  /** Goes on to the quote that ends a string, and notes the string when it is a member's name of the first levels. */
  private passString(): void {
    const { text } = this;
    const start = this.at++;
    while (this.at < text.length && text.charCodeAt(this.at) !== QUOTE)
      this.at += text.charCodeAt(this.at) === BACKSLASH ? 2 : 1;
    if (this.isName && this.open.length <= FLOW_IN_LIST)
      this.names[this.open.length] = nameOf(text.slice(start, this.at + 1));
    this.isName = false;
  }

  /** Whether a value that begins here is the graph of the body's flow, or of one in its list. */
  private isGraph(): boolean {
    const { open, names } = this;
    if (this.graphDepth > 0) return false;
    if (open.length === 1) return open[0] === true && names[1] === 'data';
    return (
      open.length === FLOW_IN_LIST &&
      open[0] === true &&
      names[1] === 'flows' &&
      open[1] === false &&
      open[2] === true &&
      names[FLOW_IN_LIST] === 'data'
    );
  }
}

/** Brackets that are open within a flow of a list: the body's, the list's, the flow's. */
const FLOW_IN_LIST = 3;

function nameOf(quoted: string): string | undefined {
  // Longer ones are no name that is looked for, however they are written.
  if (quoted.length > 64) return undefined;
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
