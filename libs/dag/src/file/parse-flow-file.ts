import { z } from 'zod';
import { checkStructure } from './check-structure.js';
import { findForeign, findForeignText, foreignMembers } from './foreign-product.js';
import type { FlowData, FlowDocument } from './flow-document.js';
import { graphSize } from './graph-size.js';
import { isPlainObject, type Json, type JsonObject } from '../json.js';
import { findJsonError, lineAndColumn, textDepth, textValues, utf8Length, valueDepth } from '../json-text.js';
import { type Problem, ProblemCode } from '../problem.js';
import { ProblemList } from '../problem-list.js';
import { entryOf, objectAt } from '../safe-record.js';

/** Limits of a flow file. */
export interface ParseFlowOptions {
  /** UTF-8 bytes of a text; not applied to a value that is already parsed. @default 20,000,000 (20 MB) */
  readonly maxBytes?: number;
  /** How deep objects and lists may nest. @default 200 */
  readonly maxDepth?: number;
  /** Values of a text, counted by its commas and brackets; not applied to a value that is parsed already. @default 1,000,000 */
  readonly maxValues?: number;
  /** Nodes of a flow, those inside groups included; it may have five times as many edges. @default 10,000 */
  readonly maxNodes?: number;
}

/** The content of a flow file. `flows` is empty when the file as a whole cannot be read; `problems` then says why. */
export interface ParsedFlowFile {
  readonly flows: readonly FlowDocument[];
  /** Of a project export. */
  readonly folder?: { readonly name: string; readonly description?: string };
  /** Of the file and of its flows' structure; `compileFlow` repeats the structure's in the plan. */
  readonly problems: readonly Problem[];
}

/**
 * Reads a Langflow export: one flow, `{flows: […]}`, a bare list of flows, `data` wrapped twice, or `nodes` and `edges`
 * at the top level. Exports of other products, such as n8n, are read too, and marked with their product.
 *
 * @param input  JSON text, or its parsed value
 * @returns      the flows as given; never throws, errors are in `problems`
 */
export function parseFlowFile(input: unknown, options: ParseFlowOptions = {}): ParsedFlowFile {
  const maxBytes = options.maxBytes ?? 20_000_000;
  const maxDepth = options.maxDepth ?? 200;
  const maxValues = options.maxValues ?? 1_000_000;
  const maxNodes = options.maxNodes ?? 10_000;
  if (typeof input !== 'string') {
    return valueDepth(input, maxDepth) > maxDepth ? refused(tooDeep(maxDepth)) : readFile(input, maxNodes);
  }
  // A text has at least as many bytes as characters, so the count is only needed near the limit.
  if (input.length > maxBytes || (input.length * 3 > maxBytes && utf8Length(input) > maxBytes)) {
    return refused(tooLarge(maxBytes));
  }
  const text = input.startsWith('\ufeff') ? input.slice(1) : input;
  if (textDepth(text, maxDepth) > maxDepth) return refused(tooDeep(maxDepth));
  if (textValues(text, maxValues) > maxValues) return refused(tooManyValues(maxValues));
  try {
    return readFile(JSON.parse(text), maxNodes);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const foreign = findForeignText(text);
    if (foreign !== undefined)
      return { flows: [{ ...metadataOf({ name: foreign.name }), data: foreign.data }], problems: [] };
    return refused(notJson(text));
  }
}

function readFile(file: unknown, maxNodes: number): ParsedFlowFile {
  const folder = isPlainObject(file) ? folderOf(file) : undefined;
  const members = Array.isArray(file) ? file : isPlainObject(file) ? entryOf(file, 'flows') : undefined;
  const candidates: unknown[] = foreignMembers(file) ?? (Array.isArray(members) ? members : [file]);
  const flows: FlowDocument[] = [];
  const problems = new ProblemList();
  for (const [index, candidate] of candidates.entries()) {
    const foreign = findForeign(candidate);
    if (foreign !== undefined) {
      const { name, data } = foreign;
      flows.push({ ...metadataOf({ ...(candidate as object), ...(name !== undefined && { name }) }), data });
      continue;
    }
    const data = graphOf(candidate);
    if (data === undefined) {
      problems.add(
        notAFlow(
          Array.isArray(file)
            ? `Member ${index + 1} of the list`
            : Array.isArray(members)
              ? `Member ${index + 1} of "flows"`
              : 'The file',
          candidate,
        ),
      );
      continue;
    }
    const flow = { ...metadataOf(candidate as Record<string, unknown>), data };
    const excess = findExcess(flow, maxNodes);
    if (excess !== undefined) {
      problems.add(excess);
      continue;
    }
    flows.push(flow);
    problems.addAll(checkStructure(flow));
  }
  return { flows, ...(folder && { folder }), problems: problems.toArray() };
}

const text = z.string().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const metadata = z.object({
  id: text,
  name: z.string().min(1).catch('Untitled flow'),
  description: text,
  endpoint_name: text,
  tags: z.array(z.string()).optional().catch(undefined),
  is_component: flag,
  last_tested_version: text,
  webhook: flag,
  locked: flag,
  icon: text,
  icon_bg_color: text,
  gradient: text,
  mcp_enabled: flag,
  action_name: text,
  action_description: text,
});

function metadataOf(candidate: Record<string, unknown>): Omit<FlowDocument, 'data'> {
  const found = metadata.parse(candidate);
  const unread = Object.entries(found).filter(([name, value]) => {
    const given = entryOf(candidate, name);
    return given !== undefined && given !== null && given !== '' && !isSame(given, value);
  });
  const optional = {
    id: found.id,
    description: found.description,
    endpointName: found.endpoint_name,
    tags: found.tags,
    isComponent: found.is_component,
    lastTestedVersion: found.last_tested_version,
    webhook: found.webhook,
    locked: found.locked,
    icon: found.icon,
    iconBgColor: found.icon_bg_color,
    gradient: found.gradient,
    mcpEnabled: found.mcp_enabled,
    actionName: found.action_name,
    actionDescription: found.action_description,
  };
  return {
    name: found.name,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...(unread.length > 0 && { unread: unread.map(([name]) => name) }),
  };
}

function isSame(given: unknown, read: unknown): boolean {
  return Array.isArray(given) && Array.isArray(read) ? given.length === read.length : given === read;
}

/** The graph, from any of the places where files have it. A flow without edges is a flow. */
function graphOf(candidate: unknown): FlowData | undefined {
  if (!isPlainObject(candidate)) return undefined;
  const once = objectAt(candidate, 'data');
  for (const holder of [objectAt(once, 'data'), once, candidate]) {
    const nodes = entryOf(holder, 'nodes');
    if (!Array.isArray(nodes)) continue;
    const edges = entryOf(holder, 'edges');
    const viewport = entryOf(holder, 'viewport') as Json | undefined;
    return {
      nodes: nodes as JsonObject[],
      edges: Array.isArray(edges) ? (edges as JsonObject[]) : [],
      ...(viewport !== undefined && { viewport }),
    };
  }
  return undefined;
}

function folderOf(file: Record<string, unknown>): ParsedFlowFile['folder'] {
  const name = entryOf(file, 'folder_name') ?? entryOf(file, 'name');
  if (typeof name !== 'string' || !Array.isArray(entryOf(file, 'flows'))) return undefined;
  const description = entryOf(file, 'folder_description') ?? entryOf(file, 'description');
  return { name, ...(typeof description === 'string' && { description }) };
}

function refused(problem: Problem): ParsedFlowFile {
  return { flows: [], problems: [problem] };
}

function ofFile(code: ProblemCode, message: string, remedy: string): Problem {
  return { code, severity: 'blocking', message, remedy, nodes: [] };
}

function notJson(source: string): Problem {
  const { line, column } = lineAndColumn(source, findJsonError(source) ?? source.length);
  const message =
    source.trim() === '' ? 'The file is empty.' : `The file is not JSON: line ${line}, column ${column}.`;
  return ofFile(
    ProblemCode.notJson,
    message,
    'Export the flow from Langflow again and send the file unchanged.',
  );
}

function notAFlow(what: string, candidate: unknown): Problem {
  const found = isPlainObject(candidate)
    ? `an object with ${Object.keys(candidate).length === 0 ? 'no keys' : `the keys ${Object.keys(candidate).slice(0, 5).join(', ')}`}`
    : Array.isArray(candidate)
      ? 'a list'
      : `${candidate === null ? 'null' : `a ${typeof candidate}`}`;
  return ofFile(
    ProblemCode.notAFlow,
    `${what} is ${found}, not a flow: it has no "data" with a list of "nodes".`,
    'Send a flow or project that was exported from Langflow.',
  );
}

function tooLarge(maxBytes: number): Problem {
  return ofFile(
    ProblemCode.tooLarge,
    `The file has more than ${maxBytes} bytes, the limit CAUSEWAY_MAX_FLOW_BYTES.`,
    'Remove large texts and images from the flow, or raise that setting.',
  );
}

function tooManyValues(maxValues: number): Problem {
  return ofFile(
    ProblemCode.tooLarge,
    `The file has more than ${maxValues} values, the limit CAUSEWAY_MAX_FLOW_VALUES.`,
    'Divide the flow into smaller ones, or raise that setting.',
  );
}

/** A flow may have so many times as many edges as nodes. */
const EDGES_FACTOR = 5;

function findExcess({ name, data }: FlowDocument, maxNodes: number): Problem | undefined {
  const maxEdges = maxNodes * EDGES_FACTOR;
  const { nodes, edges } = graphSize(data, maxEdges);
  if (nodes <= maxNodes && edges <= maxEdges) return undefined;
  const what =
    nodes > maxNodes ? `${maxNodes} nodes, the limit` : `${maxEdges} edges, ${EDGES_FACTOR} times the limit`;
  return ofFile(
    ProblemCode.tooLarge,
    `The flow "${name}" has more than ${what} CAUSEWAY_MAX_FLOW_NODES.`,
    'Divide the flow into smaller ones, or raise that setting.',
  );
}

function tooDeep(maxDepth: number): Problem {
  return ofFile(
    ProblemCode.tooDeep,
    `The file nests objects and lists deeper than ${maxDepth} levels, the limit of a flow file.`,
    'Export the flow from Langflow again; no flow nests that deep.',
  );
}
