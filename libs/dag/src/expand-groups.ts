import type { FlowDocument } from './flow-document.js';
import type { JsonObject } from './json.js';
import type { Problem } from './problem.js';

/** A flow without group nodes. */
export interface ExpandedFlow {
  readonly nodes: readonly JsonObject[];
  readonly edges: readonly JsonObject[];
  /** Ids of the groups around each inner node, outermost first; nodes outside any group are absent. */
  readonly parents: Readonly<Record<string, readonly string[]>>;
  readonly problems: readonly Problem[];
}

export function expandGroups(document: FlowDocument): ExpandedFlow {
  return { nodes: document.data.nodes, edges: document.data.edges, parents: {}, problems: [] };
}
