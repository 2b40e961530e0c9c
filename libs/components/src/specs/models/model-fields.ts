import type { ComponentSpec, FieldSpec, OutputSpec } from '@causeway/dag';
import {
  flagField,
  handleOutput,
  plainField,
  secretField,
  textField,
  valueOutput,
  wholeField,
} from '../field.js';

/** A choice of model, or a port for a connected one. */
export function modelField(rest: Partial<FieldSpec> = {}): FieldSpec {
  return {
    name: 'model',
    displayName: 'Language Model',
    type: 'model',
    inputTypes: ['LanguageModel'],
    default: '',
    info: 'The model to use; without one, the default of the flow, the team or the platform.',
    ...rest,
  };
}

/** The input of a model. */
export const promptFields: readonly FieldSpec[] = [
  textField('input_value', 'Input', { info: 'The input text to send to the model' }),
  textField('system_message', 'System Message', {
    info: 'A system message that helps set the behavior of the assistant',
  }),
  flagField('stream', 'Stream', { advanced: true }),
];

/** Names of a provider's fields in other versions of Langflow. */
export interface FormerNames {
  readonly key?: string;
  readonly model?: string;
  readonly maxTokens?: string;
}

/** Keys, names and limits that nodes of every provider have. */
export function commonModelFields(
  keyName: string,
  model: string,
  { temperature = 0.1, ...former }: FormerNames & { readonly temperature?: number } = {},
): readonly FieldSpec[] {
  return [
    secretField('api_key', keyName, formerly(former.key)),
    plainField('model_name', 'Model Name', { default: model, ...formerly(former.model) }),
    temperatureField(temperature),
    wholeField('max_tokens', 'Max Tokens', {
      advanced: true,
      info: 'With 0 only the run’s limit applies.',
      ...formerly(former.maxTokens),
    }),
  ];
}

function formerly(name: string | undefined): Pick<FieldSpec, 'formerNames'> {
  return name === undefined ? {} : { formerNames: [name] };
}

export function temperatureField(value?: number): FieldSpec {
  return {
    name: 'temperature',
    displayName: 'Temperature',
    type: 'slider',
    advanced: true,
    ...(value === undefined ? {} : { default: value }),
  };
}

/** A number with a fraction. */
export function decimalField(name: string, displayName: string, value?: number): FieldSpec {
  return {
    name,
    displayName,
    type: 'float',
    advanced: true,
    ...(value === undefined ? {} : { default: value }),
  };
}

/** The two roles of a model node; the connected output decides. */
export const modelOutputs: readonly OutputSpec[] = [
  valueOutput('text_output', 'Model Response', ['Message'], 'text_response'),
  handleOutput('model_output', 'Language Model', ['LanguageModel'], 'build_model'),
];

/** Settings that change nothing here: the editor's, and those of providers that are not supported. */
export const ignoredModelFields: readonly string[] = [
  '_frontend_node_flow_id',
  '_frontend_node_folder_id',
  'base_url_ibm_watsonx',
  'project_id',
  'is_refresh',
  'tool_model_enabled',
  'output_parser',
  'verbose',
];

/** The component of one provider. */
export function providerModelSpec(
  spec: Pick<ComponentSpec, 'type' | 'aliases' | 'displayName' | 'fields'> &
    Partial<Pick<ComponentSpec, 'outputs' | 'ignoredFields' | 'icon'>>,
): ComponentSpec {
  return {
    description: `Generates text using ${spec.displayName} models.`,
    category: 'models',
    icon: spec.displayName,
    role: 'plain',
    effects: 'none',
    outputs: modelOutputs,
    ...spec,
    fields: [...promptFields, ...spec.fields],
    ignoredFields: [...ignoredModelFields, ...(spec.ignoredFields ?? [])],
  };
}
