import type { FlowField, FlowNode, FlowOutput } from './flow-file.js';
import { type NodeShape, knownTypes } from './known-types.js';

export interface NodeOptions {
  /** @default `<type>-<number>` */
  readonly id?: string;
  /** Values by field name. A field that the type does not have is added, with a type that fits its value. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Parts of fields in the file other than their values, by field name. */
  readonly template?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Outputs in place of the type's own. */
  readonly outputs?: readonly (Pick<FlowOutput, 'name' | 'types'> & Partial<FlowOutput>)[];
  /** Parts of `data.node`: `frozen`, `edited`, `tool_mode`, `metadata` … */
  readonly node?: Readonly<Record<string, unknown>>;
}

/** Makes a node of a flow file; `index` sets its position and its id. */
export function makeNode(from: string | NodeShape, options: NodeOptions, index: number): FlowNode {
  const shape =
    typeof from !== 'string' ? from : Object.hasOwn(knownTypes, from) ? knownTypes[from] : undefined;
  const type = typeof from === 'string' ? from : from.type;
  const id = options.id ?? `${type}-${index + 1}`;
  const template: Record<string, FlowField | string> = { _type: 'Component' };
  for (const { name, displayName, inputTypes, ...field } of shape?.fields ?? []) {
    template[name] = {
      ...makeField(name, field.type, field.default ?? ''),
      display_name: displayName,
      required: field.required ?? false,
      advanced: field.advanced ?? false,
      list: field.list ?? false,
      ...(inputTypes && { input_types: inputTypes }),
      ...(field.password && { password: true, load_from_db: field.loadFromDb ?? false }),
      ...(field.options && { options: field.options }),
      ...(field.toolMode && { tool_mode: true }),
    };
  }
  for (const [name, value] of Object.entries(options.fields ?? {})) {
    template[name] = {
      ...((template[name] as FlowField | undefined) ?? makeField(name, typeOf(value), value)),
      value,
    };
  }
  for (const [name, parts] of Object.entries(options.template ?? {})) {
    template[name] = {
      ...((template[name] as FlowField | undefined) ?? makeField(name, 'str', '')),
      ...parts,
    };
  }
  const outputs = (options.outputs ?? shape?.outputs.map(toOutput) ?? []).map((output) => ({
    display_name: output.name,
    method: output.name,
    selected: output.types[0] ?? '',
    cache: true,
    allows_loop: false,
    group_outputs: false,
    tool_mode: true,
    value: '__UNDEFINED__',
    ...output,
  }));
  const displayName = shape?.displayName ?? type;
  return {
    id,
    type: 'genericNode',
    position: { x: 320 * index, y: 0 },
    data: {
      id,
      type,
      display_name: displayName,
      node: {
        template,
        outputs,
        display_name: displayName,
        description: '',
        documentation: '',
        base_classes: [...new Set(outputs.flatMap(({ types }) => types))],
        field_order: Object.keys(template).filter((name) => name !== '_type'),
        beta: false,
        legacy: false,
        edited: false,
        frozen: false,
        pinned: false,
        tool_mode: false,
        conditional_paths: [],
        custom_fields: {},
        output_types: [],
        metadata: {},
        lf_version: '1.10.2',
        ...options.node,
      },
    },
  };
}

function makeField(name: string, type: string, value: unknown): FlowField {
  return { name, display_name: name, type, value, required: false, show: true, advanced: false, list: false };
}

function typeOf(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return typeof value === 'object' && value !== null ? 'dict' : 'str';
}

function toOutput({
  name,
  displayName,
  types,
  method,
  allowsLoop,
}: NodeShape['outputs'][number]): FlowOutput {
  return { name, display_name: displayName, types, method, ...(allowsLoop && { allows_loop: true }) };
}
