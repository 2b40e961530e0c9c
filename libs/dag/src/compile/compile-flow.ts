import { checkComponent } from './check-component.js';
import { checkCycles } from './graph/check-cycles.js';
import { checkAddresses } from './check-addresses.js';
import { checkMasks } from './check-masks.js';
import { checkStructure } from '../file/check-structure.js';
import { compileEdges } from './compile-edges.js';
import { compileGraph } from './graph/compile-graph.js';
import { compileNode } from './compile-node.js';
import { PLAN_FORMAT } from './compiler-name.js';
import type { Catalogue } from '../catalogue.js';
import { draftNodes } from './draft-node.js';
import { expandGroups } from '../file/expand-groups.js';
import { findForeign, foreignNames, foreignProblem } from '../file/foreign-product.js';
import type { FlowDocument } from '../file/flow-document.js';
import type { Plan, PlanEdge, PlanNode } from '../plan.js';
import { type Problem, ProblemCode } from '../problem.js';
import { ProblemList } from '../problem-list.js';
import { emptyRecord } from '../safe-record.js';

/**
 * Compiles a flow to a plan: groups expanded, types resolved, edges checked, loops and cycles found.
 *
 * @param catalogue  the components that can run; other nodes stay in the plan with a blocking problem
 * @returns          the plan; never throws, errors are in `problems`. Linear in nodes and edges.
 */
export function compileFlow(document: FlowDocument, catalogue: Catalogue): Plan {
  const foreign =
    findForeign(document.data)?.product ?? foreignNames.find((name) => name === document.data.foreign);
  return foreign === undefined
    ? compileGraphOf(document, catalogue)
    : { ...emptyPlan, problems: [foreignProblem(foreign)] };
}

/** The plan of a flow of another product, in which nothing runs. */
const emptyPlan: Omit<Plan, 'problems'> = {
  format: PLAN_FORMAT,
  nodes: {},
  groups: [],
  edges: [],
  order: [],
  inputs: [],
  outputs: [],
  loops: {},
  cycles: [],
};

function compileGraphOf(document: FlowDocument, catalogue: Catalogue): Plan {
  const expanded = expandGroups(document);
  const drafts = draftNodes(expanded, catalogue);
  const { edges: wired, problems: edgeProblems } = compileEdges(expanded.edges, drafts);
  const wiredFields = portsOf(wired, 'target', 'field');
  const wiredOutputs = portsOf(wired, 'source', 'output');
  const nodes = emptyRecord<PlanNode>();
  const problems = new ProblemList();
  for (const found of [checkStructure(document), expanded.problems, edgeProblems]) problems.addAll(found);
  for (const draft of drafts.values()) {
    const outputs = wiredOutputs.get(draft.id) ?? none;
    const node = compileNode(draft, outputs);
    nodes[draft.id] = node;
    problems.addAll(checkComponent(draft, node, wiredFields.get(draft.id) ?? none, outputs, catalogue));
    problems.addAll(checkMasks(node, wiredFields.get(draft.id) ?? none));
    problems.addAll(checkAddresses(node, wiredFields.get(draft.id) ?? none));
  }
  const ids = [...drafts.keys()];
  const loopOutputs = new Map<string, string>();
  for (const draft of drafts.values()) {
    const item =
      draft.spec?.role === 'loop' ? draft.spec.outputs.find((output) => output.allowsLoop)?.name : undefined;
    if (item !== undefined) loopOutputs.set(draft.id, item);
  }
  const graph = compileGraph(ids, nodes, wired, loopOutputs);
  problems.addAll(graph.problems);
  problems.addAll(checkCycles(graph.cycles, nodes, wired));
  const outputs = ids.filter((id) => nodes[id]?.role === 'output');
  if (ids.length > 0 && outputs.length === 0) problems.add(noOutput);
  return {
    format: PLAN_FORMAT,
    nodes: withStreams(nodes, graph.edges),
    groups: expanded.groups,
    edges: graph.edges,
    order: graph.order,
    inputs: startsFirst(ids.filter((id) => nodes[id]?.role === 'input')),
    outputs,
    loops: graph.loops,
    cycles: graph.cycles,
    problems: problems.toArray(),
  };
}

const none: ReadonlySet<string> = new Set();

const noOutput: Problem = {
  code: ProblemCode.noOutput,
  severity: 'warning',
  message: 'The flow has no output node, so its runs return no answer.',
  remedy: 'Connect the last node to a Chat Output, unless the flow needs no answer.',
  nodes: [],
};

function portsOf(
  edges: readonly PlanEdge[],
  end: 'source' | 'target',
  port: 'output' | 'field',
): Map<string, Set<string>> {
  const ports = new Map<string, Set<string>>();
  for (const edge of edges) {
    const there = ports.get(edge[end]);
    // A feedback edge ends at an output and fills no field of the Loop.
    if (end === 'target' && edge.feedback) continue;
    if (there === undefined) ports.set(edge[end], new Set([edge[port]]));
    else there.add(edge[port]);
  }
  return ports;
}

/**
 * Webhooks first, then chat inputs, then the others, each in the file's order: the order in which Langflow looks for a
 * start.
 */
function startsFirst(inputs: readonly string[]): string[] {
  const rank = (id: string): number => {
    const name = id.toLowerCase();
    return name.includes('webhook') ? 0 : name.includes('chat') ? 1 : 2;
  };
  return [...inputs].sort((one, other) => rank(one) - rank(other));
}

/**
 * Sets `streamsTo` on each node whose text is the only input of a chat output: its tokens are streamed under that
 * message.
 */
function withStreams(nodes: Record<string, PlanNode>, edges: readonly PlanEdge[]): Record<string, PlanNode> {
  const into = new Map<string, PlanEdge | 'several'>();
  for (const edge of edges) {
    if (nodes[edge.target]?.type !== 'ChatOutput' || edge.field !== 'input_value') continue;
    into.set(edge.target, into.has(edge.target) ? 'several' : edge);
  }
  for (const [chat, edge] of into) {
    if (edge === 'several' || edge.feedback) continue;
    const source = nodes[edge.source];
    const output = source?.outputs.find((one) => one.name === edge.output);
    if (source === undefined || source.role !== 'plain' || source.streamsTo !== undefined) continue;
    if (output?.kind !== 'value' || !output.types.includes('Message')) continue;
    nodes[edge.source] = { ...source, streamsTo: chat };
  }
  return nodes;
}
