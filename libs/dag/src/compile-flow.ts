import type { Catalogue } from './component-spec.js';
import type { FlowDocument } from './flow-document.js';
import type { Plan } from './plan.js';

export function compileFlow(document: FlowDocument, catalogue: Catalogue): Plan {
  void document;
  void catalogue;
  return {
    format: 1,
    nodes: {},
    edges: [],
    order: [],
    inputs: [],
    outputs: [],
    loops: {},
    cycles: [],
    problems: [],
  };
}
