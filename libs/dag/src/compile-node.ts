import type { FieldSpec, FieldType } from './component-spec.js';
import { type DraftNode, specOutputs, toolOutputName } from './draft-node.js';
import { isPlainObject, type Json } from './json.js';
import type { PlanField, PlanNode } from './plan.js';
import { emptyRecord, entryOf, isForbiddenName, textAt, textsAt } from './safe-record.js';
import { encodeSegment } from './step-path.js';

/**
 * A node in a plan's form.
 *
 * @param wiredOutputs  names of the outputs that an edge begins at
 */
export function compileNode(draft: DraftNode, wiredOutputs: ReadonlySet<string>): PlanNode {
  const { spec, toolMode } = draft;
  const wired = draft.outputs.map((output) => output.name).filter((name) => wiredOutputs.has(name));
  return {
    id: draft.id,
    path: [...draft.parents, draft.id].map(encodeSegment).join('/'),
    type: draft.type,
    displayName: draft.displayName,
    role: spec?.role ?? 'plain',
    effects: spec?.effects ?? 'unsafe',
    fields: compileFields(draft),
    outputs: draft.outputs,
    usedOutputs: wired.length > 0 ? wired : draft.outputs.map((output) => output.name),
    toolMode,
    ...(toolMode && {
      toolOutputs: specOutputs(spec).filter((output) => output.toolMode && output.name !== toolOutputName),
    }),
  };
}

/** The file's fields that the component knows (all of them when it is open), then those only the catalogue has. */
function compileFields(draft: DraftNode): Record<string, PlanField> {
  const known = new Map<string, FieldSpec>((draft.spec?.fields ?? []).map((field) => [field.name, field]));
  const ignored = new Set(draft.spec?.ignoredFields);
  const open = draft.spec === undefined || draft.spec.openFields === true;
  const fields = emptyRecord<PlanField>();
  for (const [name, field] of Object.entries(draft.template)) {
    if (!isPlainObject(field) || isForbiddenName(name)) continue;
    const spec = known.get(name);
    const isCode = name === 'code' || textAt(field, 'type') === 'code';
    if (spec === undefined && !isCode && (!open || ignored.has(name))) continue;
    fields[name] = compileField(name, field, spec);
  }
  for (const [name, spec] of known) if (!(name in fields)) fields[name] = compileField(name, {}, spec);
  return fields;
}

function compileField(name: string, field: Record<string, unknown>, spec: FieldSpec | undefined): PlanField {
  const type = fieldType(name, field, spec);
  const inputTypes = textsAt(field, 'input_types') ?? spec?.inputTypes;
  const inputClass = textAt(field, '_input_type');
  const show = entryOf(field, 'show');
  const loadFromDb = entryOf(field, 'load_from_db') ?? spec?.loadFromDb;
  const filePath = entryOf(field, 'file_path') as Json | undefined;
  const tableSchema = entryOf(field, 'table_schema') as Json | undefined;
  const options = entryOf(field, 'options') as Json | undefined;
  const value = entryOf(field, 'value') as Json | undefined;
  return {
    // Code is never run, so it has no place in what runs.
    value: type === 'code' ? '' : (value ?? spec?.default ?? null),
    type,
    displayName: textAt(field, 'display_name') || spec?.displayName || name,
    ...(inputClass !== undefined && { inputClass }),
    ...((entryOf(field, 'list') === true || spec?.list) && { list: true }),
    // What is required is the catalogue's word: versions of Langflow differ, and do not hold to it when they run.
    ...(spec?.required && { required: true }),
    ...(typeof show === 'boolean' && { show }),
    ...((entryOf(field, 'password') === true || spec?.password) && { password: true }),
    ...(loadFromDb === true && { loadFromDb }),
    ...((entryOf(field, 'tool_mode') === true || spec?.toolMode) && { toolMode: true }),
    ...(inputTypes !== undefined && inputTypes.length > 0 && { inputTypes }),
    ...(filePath !== undefined && filePath !== null && filePath !== '' && { filePath }),
    ...(tableSchema !== undefined && tableSchema !== null && { tableSchema }),
    ...(options !== undefined && options !== null && { options }),
  };
}

const fieldTypes: ReadonlySet<string> = new Set<FieldType>([
  ...(['str', 'int', 'float', 'bool', 'dict', 'NestedDict', 'file', 'prompt', 'mustache', 'code'] as const),
  ...(['other', 'table', 'link', 'slider', 'tab', 'query', 'tools', 'mcp', 'model', 'sortableList'] as const),
  ...(['connect', 'auth', 'knowledge_backend'] as const),
]);

function fieldType(name: string, field: Record<string, unknown>, spec: FieldSpec | undefined): FieldType {
  const given = textAt(field, 'type') ?? '';
  if (name === 'code' || given === 'code' || spec?.type === 'code') return 'code';
  return fieldTypes.has(given) ? (given as FieldType) : (spec?.type ?? 'other');
}
