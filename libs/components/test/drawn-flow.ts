import type { FlowDocument, Json, JsonObject } from '@causeway/dag';
import { parseFlowFile } from '@causeway/dag';
import { catalogue } from '../src/specs/catalogue.js';

/** A node to draw: its type and its values. */
export type DrawnNode = readonly [type: string, values?: Readonly<Record<string, Json>>];
/** An edge to draw: `node.output` to `node.field`. A Loop's feedback edge ends at its `item`. */
export type DrawnEdge = readonly [from: string, to: string];

/** A flow file as Langflow's editor would write it. */
export function drawnFlow(
  nodes: Readonly<Record<string, DrawnNode>>,
  edges: readonly DrawnEdge[],
): FlowDocument {
  const file = {
    name: 'Drawn',
    data: {
      nodes: Object.entries(nodes).map(([id, node]) => nodeOf(id, node)),
      edges: edges.map((edge) => edgeOf(nodes, edge)),
    },
  };
  const [document] = parseFlowFile(JSON.stringify(file)).flows;
  if (document === undefined) throw new Error('The drawn flow cannot be read.');
  return document;
}

function nodeOf(id: string, [type, values = {}]: DrawnNode): JsonObject {
  const spec = catalogue.find(type);
  if (spec === undefined) throw new Error(`There is no component ${type}.`);
  const known = spec.fields.map(
    ({ name, type: fieldType, default: value, inputTypes = [], list = false }) => [
      name,
      {
        name,
        type: fieldType,
        value: values[name] ?? value ?? '',
        input_types: [...inputTypes],
        list,
        show: true,
      },
    ],
  );
  const more = Object.entries(values)
    .filter(([name]) => !spec.fields.some((field) => field.name === name))
    .map(([name, value]) => [name, { name, type: 'str', value, input_types: ['Message'], show: true }]);
  const outputs = spec.outputs.map(({ name, types, method }) => ({
    name,
    types: [...types],
    method,
    display_name: name,
  }));
  const template = Object.fromEntries([...known, ...more]) as JsonObject;
  return { id, type: 'genericNode', data: { id, type, node: { template, outputs, display_name: id } } };
}

function edgeOf(nodes: Readonly<Record<string, DrawnNode>>, [from, to]: DrawnEdge): JsonObject {
  const [source, output] = from.split('.') as [string, string];
  const [target, field] = to.split('.') as [string, string];
  const sourceType = (nodes[source] as DrawnNode)[0];
  const targetType = (nodes[target] as DrawnNode)[0];
  const types = catalogue.find(sourceType)?.outputs.find(({ name }) => name === output)?.types ?? [];
  const isFeedback = targetType === 'LoopComponent' && field === 'item';
  const accepted = catalogue.find(targetType)?.fields.find(({ name }) => name === field);
  const targetHandle: JsonObject = isFeedback
    ? { dataType: targetType, id: target, name: 'item', output_types: ['Data', 'Message'] }
    : {
        fieldName: field,
        id: target,
        inputTypes: [...(accepted?.inputTypes ?? ['Message'])],
        type: accepted?.type ?? 'str',
      };
  return {
    id: `${from}-${to}`,
    source,
    target,
    data: {
      sourceHandle: { dataType: sourceType, id: source, name: output, output_types: [...types] },
      targetHandle,
    },
  };
}
