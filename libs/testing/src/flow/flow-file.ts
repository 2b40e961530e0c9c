/** One field of a node in a flow file. */
export interface FlowField {
  name: string;
  display_name: string;
  type: string;
  value: unknown;
  required: boolean;
  show: boolean;
  advanced: boolean;
  list: boolean;
  input_types?: readonly string[];
  [other: string]: unknown;
}

/** One output of a node in a flow file. */
export interface FlowOutput {
  name: string;
  display_name: string;
  method: string;
  types: readonly string[];
  selected?: string;
  [other: string]: unknown;
}

/** A node of a flow file. */
export interface FlowNode {
  id: string;
  type: string;
  position: { x: number; y: number };
  data: {
    id: string;
    type: string;
    node: { template: Record<string, FlowField | string>; outputs: FlowOutput[]; [other: string]: unknown };
    [other: string]: unknown;
  };
  [other: string]: unknown;
}

/** An edge of a flow file: it has its handles twice, as objects and as text with œ in place of quotes. */
export interface FlowEdge {
  id: string;
  source: string;
  sourceHandle: string;
  target: string;
  targetHandle: string;
  data: {
    sourceHandle: { dataType: string; id: string; name: string; output_types: readonly string[] };
    targetHandle: { fieldName: string; id: string; inputTypes: readonly string[] | null; type: string };
  };
  [other: string]: unknown;
}

/** A flow as Langflow exports it. */
export interface FlowFile {
  id: string;
  name: string;
  description: string;
  endpoint_name: string | null;
  is_component: boolean;
  last_tested_version: string;
  tags: string[];
  data: { nodes: FlowNode[]; edges: FlowEdge[]; viewport: { x: number; y: number; zoom: number } };
}
