import { createHash } from 'node:crypto';
import type { FlowProblem } from '@causeway/contracts';
import { canonicalJson, chooseScope, compileFlow, flowVersionContent, variableUses } from '@causeway/dag';
import type { Catalogue, FlowData, FlowDocument, Plan, VariableUse } from '@causeway/dag';

/** The result of compiling a version's content; another compiler or catalogue compiles it again. */
export interface CompiledContent {
  /** JSON of the plan. */
  readonly plan: string;
  readonly problems: readonly FlowProblem[];
  /** The first 1,000. */
  readonly variableUses: readonly VariableUse[];
  /** Whether a webhook can start it. */
  readonly hasWebhook: boolean;
}

/** A version of a flow: its content, named by the content's hash, and the result of compiling it. */
export interface CompiledVersion extends CompiledContent {
  readonly versionHash: string;
  /** Canonical JSON; its SHA-256 is the hash. */
  readonly content: string;
}

/** Compiles a graph. Two graphs with the same content have the same plan: it is compiled from the content alone. */
export function compileVersion(data: FlowData, catalogue: Catalogue): CompiledVersion {
  const content = canonicalJson(flowVersionContent({ ...nameless, data }));
  return { versionHash: sha256(content), content, ...compileContent(content, catalogue) };
}

/** They are read whenever the flow is listed. Flows that people draw have fewer. */
const MOST_USES = 1_000;

/** Compiles a stored version's content. */
export function compileContent(content: string, catalogue: Catalogue): CompiledContent {
  // The content was made by `flowVersionContent`, so it is a graph.
  const plan = compileFlow({ ...nameless, data: JSON.parse(content) as FlowData }, catalogue);
  return {
    plan: JSON.stringify(plan),
    problems: problemsOfRuns(plan),
    variableUses: variableUses(plan).slice(0, MOST_USES),
    hasWebhook: Object.values(plan.nodes).some(({ type }) => type === 'Webhook'),
  };
}

/**
 * A plan's problems from the view of a run: the problems of a node that no run reaches are warnings, and a flow without a possible run
 * has a problem that says why.
 */
function problemsOfRuns(plan: Plan): FlowProblem[] {
  const scope = chooseScope(plan);
  const reached = 'nodes' in scope ? new Set(scope.nodes) : undefined;
  const isMet = ({ nodes }: { readonly nodes: readonly string[] }): boolean =>
    nodes.length === 0 || reached === undefined || reached.size === 0 || nodes.some((id) => reached.has(id));
  const unfound = 'nodes' in scope ? [] : scope;
  return [...plan.problems, ...unfound].map((problem) => ({
    ...problem,
    severity: isMet(problem) ? problem.severity : 'warning',
    nodes: [...problem.nodes],
  }));
}

const nameless: Omit<FlowDocument, 'data'> = {
  name: '',
  tags: [],
  isComponent: false,
  webhook: false,
  locked: false,
  mcpEnabled: false,
};

/** SHA-256 in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
