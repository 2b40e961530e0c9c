import type { PlanField, PlanNode } from '@causeway/dag';
import { catalogue } from '../specs/catalogue.js';
import type { TestOptions } from './test-options.js';

/** A node of a plan, made only from its spec. */
export function testNode(type: string, options: TestOptions): PlanNode {
  const spec = catalogue.find(type);
  if (spec === undefined) throw new Error(`The catalogue has no component ${type}.`);
  const outputs = spec.outputs.map(({ name, displayName, method, types, kind, toolMode }) => ({
    name,
    displayName,
    method,
    types,
    kind,
    toolMode: toolMode ?? true,
  }));
  const asTool = {
    name: 'component_as_tool',
    displayName: 'Toolset',
    method: 'to_toolkit',
    types: ['Tool'],
    kind: 'handle' as const,
    toolMode: true,
  };
  const toolMode = options.node?.toolMode === true;
  const known = Object.fromEntries(
    spec.fields.map(
      ({ name, default: value, options: choices, secretCells, ...field }): [string, PlanField] => [
        name,
        {
          ...field,
          ...(field.password === true || secretCells === true ? { takesCredentials: true } : {}),
          ...(choices === undefined ? {} : { options: [...choices] }),
          value: options.fields?.[name] ?? value ?? null,
          ...options.planFields?.[name],
        },
      ],
    ),
  );
  const further = Object.fromEntries(
    Object.entries(options.fields ?? {})
      .filter(([name]) => !Object.hasOwn(known, name))
      .map(([name, value]): [string, PlanField] => [name, { value, type: 'str', displayName: name }]),
  );
  return {
    id: `${spec.type}-1`,
    path: `${spec.type}-1`,
    type: spec.type,
    displayName: spec.displayName,
    role: spec.role,
    effects: spec.effects,
    fields: { ...known, ...(spec.openFields === true ? further : {}) },
    outputs: toolMode ? [asTool] : outputs,
    usedOutputs: (toolMode ? [asTool] : outputs).map(({ name }) => name),
    toolMode,
    ...(toolMode ? { toolOutputs: outputs.filter((output) => output.toolMode) } : {}),
    ...options.node,
  };
}
