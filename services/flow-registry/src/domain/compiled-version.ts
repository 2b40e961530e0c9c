import { createHash } from 'node:crypto';
import type { FlowProblem } from '@causeway/contracts';
import { canonicalJson, compileFlow, flowVersionContent, problemsOfRuns, variableUses } from '@causeway/dag';
import type { Catalogue, FlowData, FlowDocument, VariableUse } from '@causeway/dag';

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
    problems: problemsOfRuns(plan).map((problem) => ({ ...problem, nodes: [...problem.nodes] })),
    variableUses: variableUses(plan).slice(0, MOST_USES),
    hasWebhook: Object.values(plan.nodes).some(({ type }) => type === 'Webhook'),
  };
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
