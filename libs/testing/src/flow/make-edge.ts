import type { FlowEdge, FlowField, FlowNode } from './flow-file.js';

/** One end of an edge; a node that is absent makes a broken edge. */
export interface EdgeEnd {
  readonly id: string;
  /** Name of the output or the field. */
  readonly name: string;
  readonly node: FlowNode | undefined;
}

/** Makes an edge of a flow file. */
export function makeEdge(from: EdgeEnd, to: EdgeEnd): FlowEdge {
  const output = from.node?.data.node.outputs.find(({ name }) => name === from.name);
  const field = to.node?.data.node.template[to.name] as FlowField | undefined;
  const source = {
    dataType: from.node?.data.type ?? 'Missing',
    id: from.id,
    name: from.name,
    output_types: output?.selected === undefined ? (output?.types ?? []) : [output.selected],
  };
  const target = {
    fieldName: to.name,
    id: to.id,
    inputTypes: field?.input_types ?? null,
    type: field?.type ?? 'str',
  };
  const [sourceHandle, targetHandle] = [handleText(source), handleText(target)];
  return {
    id: `reactflow__edge-${from.id}${sourceHandle}-${to.id}${targetHandle}`,
    source: from.id,
    sourceHandle,
    target: to.id,
    targetHandle,
    data: { sourceHandle: source, targetHandle: target },
    animated: false,
    className: '',
    selected: false,
  };
}

/** JSON with its keys in order and œ for each quote, as the editor writes it. */
function handleText(handle: object): string {
  const ordered = Object.fromEntries(Object.entries(handle).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify(ordered).replaceAll('"', 'œ');
}
