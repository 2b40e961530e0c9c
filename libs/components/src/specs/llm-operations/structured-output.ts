import type { ComponentSpec, FieldSpec } from '@causeway/dag';
import { flagField, plainField, secretField, tableField, textField, valueOutput } from '../field.js';
import { ignoredModelFields, modelField } from '../models/model-fields.js';

/** The instructions by which the model fills a schema. */
export const FORMAT_INSTRUCTIONS =
  'Find in the text every object that fits the schema and give them all. Take only what the text says; where it says nothing, ' +
  'give null. Leave out objects that are the same in every field.';

/** Columns: name, description, type (str, int, float, bool, dict), multiple. */
export function schemaField(rest: Partial<FieldSpec> = {}): FieldSpec {
  return tableField('output_schema', 'Output Schema', { inputTypes: ['DataFrame', 'Table'], ...rest });
}

/** Makes objects of a given shape from text, by a model. */
export const structuredOutputSpec: ComponentSpec = {
  type: 'StructuredOutput',
  aliases: ['StructuredOutputComponent'],
  displayName: 'Structured Output',
  description: 'Uses an LLM to generate structured data. Ideal for extraction and consistency.',
  category: 'llm_operations',
  icon: 'braces',
  role: 'plain',
  effects: 'none',
  fields: [
    modelField({ required: true }),
    modelField({ name: 'llm', type: 'other' }),
    secretField('api_key', 'API Key', { advanced: true }),
    plainField('provider', 'Provider', { advanced: true }),
    plainField('model_name', 'Model Name', { advanced: true }),
    textField('input_value', 'Input Message', {
      required: true,
      toolMode: true,
      info: 'The input message to the language model.',
    }),
    textField('system_prompt', 'Format Instructions', { default: FORMAT_INSTRUCTIONS, advanced: true }),
    textField('schema_name', 'Schema Name', { advanced: true }),
    schemaField({
      required: true,
      default: [{ name: 'field', description: 'description of field', type: 'str', multiple: 'False' }],
    }),
    flagField('multiple', 'Generate Multiple', { advanced: true }),
  ],
  outputs: [
    valueOutput('structured_output', 'Structured Output', ['Data', 'JSON'], 'build_structured_output'),
    valueOutput(
      'dataframe_output',
      'Structured Output',
      ['DataFrame', 'Table'],
      'build_structured_dataframe',
    ),
    valueOutput('structured_output_dataframe', 'DataFrame', ['DataFrame', 'Table'], 'as_dataframe', {
      toolMode: false,
    }),
  ],
  ignoredFields: [...ignoredModelFields, 'ollama_base_url', 'temperature', 'max_tokens'],
};
