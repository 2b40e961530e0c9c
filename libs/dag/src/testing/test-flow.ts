import type { FlowDocument } from '../file/flow-document.js';
import type { Json, JsonObject } from '../json.js';
import { listAt, objectAt, textAt } from '../safe-record.js';
import { testCatalogue } from './test-catalogue.js';

/** More settings of a node than its type. */
export interface TestNode {
  readonly type: string;
  /** Values by field; a field that the component does not have is added. */
  readonly values?: Readonly<Record<string, Json>>;
  /** Members of `data.node`, as in a file. */
  readonly content?: JsonObject;
}

/**
 * A flow in the form of Langflow's files.
 *
 * @param nodes  type per id
 * @param edges  `source.output > target.field`, several in one text separated by `; `; an edge into a Loop's output
 * feeds its result back
 */
export function testFlow(
  nodes: Readonly<Record<string, string | TestNode>>,
  edges: readonly string[],
): FlowDocument {
  const built = Object.entries(nodes).map(([id, node]) =>
    testNode(id, typeof node === 'string' ? { type: node } : node),
  );
  const byId = new Map(built.map((node) => [node['id'] as string, node['data'] as JsonObject]));
  return {
    name: 'Test',
    tags: [],
    isComponent: false,
    webhook: false,
    locked: false,
    mcpEnabled: false,
    data: {
      nodes: built,
      edges: edges.flatMap((some) => some.split('; ')).map((edge) => testEdge(edge, byId)),
    },
  };
}

/** A node in the form of Langflow's files, filled from the test catalogue. */
export function testNode(id: string, { type, values = {}, content = {} }: TestNode): JsonObject {
  const spec = testCatalogue.find(type);
  const template: JsonObject = {
    _type: 'Component',
    code: { name: 'code', type: 'code', value: 'class A: pass' },
  };
  for (const field of spec?.fields ?? []) {
    template[field.name] = {
      name: field.name,
      display_name: field.displayName,
      type: field.type,
      value: field.default ?? '',
      show: true,
      ...(field.inputTypes && { input_types: [...field.inputTypes] }),
      ...(field.list && { list: true }),
      ...(field.password && { password: true }),
      ...(field.loadFromDb && { load_from_db: true }),
      ...(field.toolMode && { tool_mode: true }),
    };
  }
  for (const [name, value] of Object.entries(values)) {
    template[name] = {
      name,
      type: 'str',
      show: true,
      input_types: ['Message'],
      ...(template[name] as object),
      value,
    };
  }
  const outputs = (spec?.outputs ?? []).map((output) => ({
    name: output.name,
    display_name: output.displayName,
    method: output.method,
    types: [...output.types],
  }));
  return {
    id,
    type: 'genericNode',
    position: { x: 0, y: 0 },
    data: { id, type, node: { display_name: spec?.displayName ?? type, template, outputs, ...content } },
  };
}

function testEdge(text: string, nodes: ReadonlyMap<string, JsonObject>): JsonObject {
  const [from = '', to = ''] = text.split(' > ');
  const [source, output] = splitPort(from);
  const [target, field] = splitPort(to);
  const typeOf = (id: string): string => textAt(nodes.get(id) ?? {}, 'type') ?? '';
  const given = listAt(objectAt(nodes.get(source) ?? {}, 'node'), 'outputs') as {
    name: string;
    types: string[];
  }[];
  const spec = testCatalogue.find(typeOf(target));
  const end = spec?.outputs.find((one) => one.name === field && one.allowsLoop);
  const inputTypes = spec?.fields.find((one) => one.name === field)?.inputTypes ?? ['Message'];
  const targetHandle: JsonObject =
    end === undefined
      ? { fieldName: field, id: target, inputTypes: [...inputTypes], type: 'str' }
      : { dataType: typeOf(target), id: target, name: field, output_types: [...end.types] };
  const sourceHandle: JsonObject = {
    dataType: typeOf(source),
    id: source,
    name: output,
    output_types: given.find((one) => one.name === output)?.types ?? ['Message'],
  };
  return { id: text, source, target, data: { sourceHandle, targetHandle } };
}

function splitPort(port: string): [string, string] {
  const at = port.lastIndexOf('.');
  return [port.slice(0, at), port.slice(at + 1)];
}
