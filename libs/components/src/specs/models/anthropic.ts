import type { ComponentSpec } from '@causeway/dag';
import { textField } from '../field.js';
import { commonModelFields, providerModelSpec } from './model-fields.js';

/** Anthropic. */
export const anthropicModelSpec: ComponentSpec = providerModelSpec({
  type: 'AnthropicModel',
  aliases: ['AnthropicModelComponent'],
  displayName: 'Anthropic',
  fields: [
    ...commonModelFields('Anthropic API Key', '', { key: 'anthropic_api_key', model: 'model' }),
    textField('base_url', 'Anthropic API URL', {
      default: 'https://api.anthropic.com',
      advanced: true,
      formerNames: ['anthropic_api_url'],
    }),
  ],
  ignoredFields: ['prefill'],
});
