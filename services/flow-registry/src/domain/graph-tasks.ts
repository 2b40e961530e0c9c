import { catalogue } from '@causeway/components/specs';
import { NewFlow, causewayError, problemsOf } from '@causeway/contracts';
import { hasMask, joinShort, nodeMasker, parseFlowFile, restoreSecrets } from '@causeway/dag';
import type { FlowData, FlowDocument, ParseFlowOptions, ParsedFlowFile } from '@causeway/dag';
import { z } from 'zod';
import {
  type CompiledContent,
  type CompiledVersion,
  compileContent,
  compileVersion,
  sha256,
} from './compiled-version.js';
import { type ExportableFlow, exportedFlow } from './exported-flow.js';
import { readableFlows, utf8Text } from './readable-flows.js';
import { type Shown, shownGraph } from './shown-graph.js';

/** A text that may be large: UTF-8 is sent to a thread, compressed and hashed faster than a string. */
export type Utf8 = Uint8Array;

/** A flow file, or a graph alone. */
export interface FileToRead {
  readonly source: string | Utf8;
  /** Names it in errors. */
  readonly what: string;
  readonly limits: ParseFlowOptions;
  /** A file without any flow is no problem. */
  readonly mayHoldNone?: boolean;
}

/** A flow out of a file. */
export interface ReadFlow {
  readonly document: Omit<FlowDocument, 'data'>;
  /** JSON of its graph. */
  readonly graph: Utf8;
  /** It holds masks, which stand for stored secrets. */
  readonly hasMask: boolean;
}

/** The flows of a file. */
export interface ReadFile {
  readonly folder: ParsedFlowFile['folder'];
  readonly flows: readonly ReadFlow[];
}

/** A stored graph whose secrets are put in place of the masks of a new one, where they will be masked again. */
export interface StoredGraph {
  readonly graph: Utf8;
  /** The team's variables by name: the name of one is no secret. */
  readonly variables: ReadonlyMap<string, unknown>;
}

/** JSON of a graph, and the stored graph whose secrets its masks stand for. */
export interface GraphToCompile {
  readonly graph: Utf8;
  readonly stored?: StoredGraph | undefined;
}

/** A stored flow that is exported. */
export interface FlowToWrite {
  readonly flow: ExportableFlow;
  readonly graph: Utf8;
  readonly how?: Shown | undefined;
}

/** A graph that was compiled. */
export interface CompiledGraph {
  /** JSON of the graph as it is to be stored: with the secrets of the stored one. */
  readonly data: Utf8;
  /** SHA-256 of `data`. */
  readonly dataHash: string;
  readonly version: EncodedVersion;
}

/** A version with its large texts in UTF-8. */
export type EncodedVersion = Omit<CompiledVersion, 'content' | 'plan'> & {
  readonly content: Utf8;
  readonly plan: Utf8;
};

const NewFlows = z.array(NewFlow).max(500);

/**
 * The tasks on the texts of graphs. A task takes longer the larger its text is, up to seconds, and `GraphWork` decides where it runs. So
 * the input and the result of each can be sent to a thread.
 */
export const graphTasks = {
  /** The flows of a file. @throws CausewayError FLOW_INVALID */
  read({ source, what, limits, mayHoldNone = false }: FileToRead): ReadFile {
    const parsed = parseFlowFile(typeof source === 'string' ? source : utf8Text(source, what), limits);
    if (mayHoldNone && parsed.flows.length === 0) return { folder: undefined, flows: [] };
    const flows = readableFlows(parsed, what).map(({ data, ...document }) => ({
      document,
      graph: encode(JSON.stringify(data)),
      hasMask: hasMask(data),
    }));
    return { folder: parsed.folder, flows };
  },

  /** The flows of a request that holds several. @throws CausewayError REQUEST_INVALID */
  readNew(text: string): NewFlow[] {
    const { data, error } = NewFlows.safeParse(JSON.parse(text));
    if (error) throw causewayError('REQUEST_INVALID', { problems: joinShort(problemsOf(error), '; ') });
    return data;
  },

  /** Compiles a graph. */
  compile({ graph, stored }: GraphToCompile): CompiledGraph {
    const given = parse(graph);
    const restored = stored && restore(given, stored);
    const data = restored ? encode(JSON.stringify(restored)) : graph;
    const { content, plan, ...version } = compileVersion(restored ?? given, catalogue);
    return {
      data,
      dataHash: sha256(data),
      version: { ...version, content: encode(content), plan: encode(plan) },
    };
  },

  /** Compiles the content of a stored version. */
  recompile(content: Utf8): CompiledContent {
    return compileContent(decode(content), catalogue);
  },

  /** The text of a graph as it is shown. */
  show({ graph, how }: { readonly graph: Utf8; readonly how: Shown }): string {
    return shownGraph(decode(graph), how);
  },

  /** The text of a flow as Langflow's own export has it: with its secrets or, with `how`, as it is shown. */
  write({ flow, graph, how }: FlowToWrite): string {
    return exportedFlow(flow, how ? shownGraph(decode(graph), how) : decode(graph));
  },
};

export type GraphTask = keyof typeof graphTasks;
export type TaskInput<T extends GraphTask> = Parameters<(typeof graphTasks)[T]>[0];
export type TaskResult<T extends GraphTask> = ReturnType<(typeof graphTasks)[T]>;

function restore(data: FlowData, { graph, variables }: StoredGraph): FlowData {
  const mask = nodeMasker(catalogue, (name) => variables.has(name));
  return restoreSecrets(data, parse(graph), mask);
}

function parse(graph: Utf8): FlowData {
  return JSON.parse(decode(graph)) as FlowData;
}

function encode(text: string): Utf8 {
  return Buffer.from(text);
}

function decode(bytes: Utf8): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
