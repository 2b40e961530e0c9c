import type { FieldSpec, FieldType } from '../component-spec.js';
import { type DraftNode, specOutputs, toolOutputName } from './draft-node.js';
import { isPlainObject, type Json } from '../json.js';
import type { PlanField, PlanNode } from '../plan.js';
import { emptyRecord, isForbiddenName, textAt, textsAt } from '../safe-record.js';
import { indexSpec } from './spec-index.js';
import { encodeSegment } from '../decide/step-path.js';

/**
 * A node in a plan's form.
 *
 * @param wiredOutputs  names of the outputs that an edge begins at
 */
export function compileNode(draft: DraftNode, wiredOutputs: ReadonlySet<string>): PlanNode {
  const { spec, toolMode } = draft;
  const { renamed } = indexSpec(spec);
  const wired = draft.outputs.map((output) => output.name).filter((name) => wiredOutputs.has(name));
  return {
    id: draft.id,
    path: [...draft.parents, draft.id].map(encodeSegment).join('/'),
    type: draft.type,
    displayName: draft.displayName,
    role: spec?.role ?? 'plain',
    effects: spec?.effects ?? 'unsafe',
    fields: compileFields(draft),
    ...(renamed.size > 0 && { formerFields: Object.fromEntries(renamed) }),
    outputs: draft.outputs,
    usedOutputs: wired.length > 0 ? wired : draft.outputs.map((output) => output.name),
    toolMode,
    ...(toolMode && {
      toolOutputs: specOutputs(spec).filter((output) => output.toolMode && output.name !== toolOutputName),
    }),
  };
}

/**
 * The file's fields that the component knows (all of them when it accepts any), then those that only the catalogue has.
 */
function compileFields(draft: DraftNode): Record<string, PlanField> {
  const { fields: known, ignored } = indexSpec(draft.spec);
  const open = draft.spec === undefined || draft.spec.openFields === true;
  const fields = emptyRecord<PlanField>();
  for (const name of Object.keys(draft.template)) {
    const field = draft.template[name];
    if (!isPlainObject(field) || isForbiddenName(name)) continue;
    const spec = known.get(name);
    const isCode = name === 'code' || field['type'] === 'code';
    if (spec === undefined && !isCode && (!open || ignored.has(name))) continue;
    fields[name] = compileField(name, field, spec);
  }
  for (const [name, spec] of known) fields[name] ??= compileField(name, {}, spec);
  return fields;
}

function compileField(name: string, file: Record<string, unknown>, spec: FieldSpec | undefined): PlanField {
  const type = fieldType(name, file, spec);
  const field: { -readonly [K in keyof PlanField]: PlanField[K] } = {
    // Code is never run, so a plan does not contain it.
    value: type === 'code' ? '' : ((file['value'] as Json | undefined) ?? spec?.default ?? null),
    type,
    displayName: textAt(file, 'display_name') || spec?.displayName || name,
  };
  const inputClass = textAt(file, '_input_type');
  if (inputClass !== undefined) field.inputClass = inputClass;
  if (file['list'] === true || spec?.list) field.list = true;
  // Only the catalogue says what is required: versions of Langflow differ, and do not enforce it when they run.
  if (spec?.required) field.required = true;
  if (typeof file['show'] === 'boolean') field.show = file['show'];
  if (file['password'] === true || spec?.password) field.password = true;
  // Never from the file: its author could reveal any credential of the team by marking a field as secret that is not.
  if (spec?.password === true || spec?.secretCells === true) field.takesCredentials = true;
  if ((file['load_from_db'] ?? spec?.loadFromDb) === true) field.loadFromDb = true;
  if (file['tool_mode'] === true || spec?.toolMode) field.toolMode = true;
  const inputTypes = textsAt(file, 'input_types') ?? spec?.inputTypes;
  if (inputTypes !== undefined && inputTypes.length > 0) field.inputTypes = inputTypes;
  if (isGiven(file['file_path']) && file['file_path'] !== '') field.filePath = file['file_path'];
  if (isGiven(file['table_schema'])) field.tableSchema = file['table_schema'];
  if (isGiven(file['options'])) field.options = file['options'];
  return field;
}

function isGiven(value: unknown): value is Json {
  return value !== undefined && value !== null;
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
