import { specs } from '@causeway/components/specs';
import type { ComponentSpec, FieldSpec, JsonObject, OutputSpec } from '@causeway/dag';

/** The components that run here, in the shape of Langflow's `/all`: category → type → node. */
export function langflowCatalogue(): JsonObject {
  const categories: Record<string, JsonObject> = {};
  const names: JsonObject = {};
  for (const spec of specs) {
    (categories[spec.category] ??= {})[spec.type] = nodeOf(spec);
    names[spec.type] = spec.displayName;
  }
  return { ...categories, component_display_names: names };
}

function nodeOf(spec: ComponentSpec): JsonObject {
  return {
    template: {
      _type: 'Component',
      ...Object.fromEntries(spec.fields.map((field) => [field.name, fieldOf(field)])),
    },
    outputs: spec.outputs.map(outputOf),
    base_classes: [...new Set(spec.outputs.flatMap((output) => output.types))],
    display_name: spec.displayName,
    description: spec.description,
    icon: spec.icon ?? null,
    field_order: spec.fields.map((field) => field.name),
    metadata: {},
    tool_mode: false,
    frozen: false,
    edited: false,
    beta: false,
    legacy: false,
    minimized: false,
    custom_fields: {},
    output_types: [],
    conditional_paths: [],
    documentation: '',
  };
}

function fieldOf(field: FieldSpec): JsonObject {
  return {
    name: field.name,
    display_name: field.displayName,
    type: field.type,
    value: field.default ?? '',
    required: field.required ?? false,
    list: field.list ?? false,
    show: true,
    advanced: field.advanced ?? false,
    password: field.password ?? false,
    load_from_db: field.loadFromDb ?? false,
    tool_mode: field.toolMode ?? false,
    dynamic: false,
    info: field.info ?? '',
    placeholder: '',
    title_case: false,
    ...(field.inputTypes && { input_types: [...field.inputTypes] }),
    ...(field.options && { options: [...field.options] }),
  };
}

function outputOf(output: OutputSpec): JsonObject {
  return {
    name: output.name,
    display_name: output.displayName,
    method: output.method,
    types: [...output.types],
    selected: output.types[0] ?? null,
    value: '__UNDEFINED__',
    cache: true,
    tool_mode: output.toolMode ?? true,
    allows_loop: output.allowsLoop ?? false,
    hidden: null,
  };
}
