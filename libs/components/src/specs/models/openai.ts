import type { ComponentSpec } from '@causeway/dag';
import { flagField, plainField, wholeField } from '../field.js';
import { commonModelFields, providerModelSpec } from './model-fields.js';

/** OpenAI, or any address with its protocol. */
export const openaiModelSpec: ComponentSpec = providerModelSpec({
  type: 'OpenAIModel',
  aliases: ['OpenAIModelComponent'],
  displayName: 'OpenAI',
  fields: [
    ...commonModelFields('OpenAI API Key', 'gpt-4o-mini', { key: 'openai_api_key' }),
    { name: 'model_kwargs', displayName: 'Model Kwargs', type: 'dict', default: {}, advanced: true },
    flagField('json_mode', 'JSON Mode', { advanced: true }),
    { name: 'output_schema', displayName: 'Schema', type: 'dict', default: {}, list: true, advanced: true },
    plainField('openai_api_base', 'OpenAI API Base', { advanced: true }),
    wholeField('seed', 'Seed', { default: 1, advanced: true }),
    wholeField('max_retries', 'Max Retries', {
      default: 5,
      advanced: true,
      info: 'At most 2 retries are made.',
    }),
    wholeField('timeout', 'Timeout', {
      default: 700,
      advanced: true,
      info: 'Seconds without data from the provider; the platform’s own limit may be shorter.',
    }),
  ],
});
