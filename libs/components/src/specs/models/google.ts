import type { ComponentSpec } from '@causeway/dag';
import { plainField, secretField, wholeField } from '../field.js';
import { decimalField, providerModelSpec, temperatureField } from './model-fields.js';

/** Google's Gemini models. */
export const googleModelSpec: ComponentSpec = providerModelSpec({
  type: 'GoogleGenerativeAIModel',
  aliases: ['GoogleGenerativeAIComponent'],
  displayName: 'Google Generative AI',
  icon: 'GoogleGenerativeAI',
  fields: [
    secretField('api_key', 'Google API Key', { formerNames: ['google_api_key'] }),
    plainField('model_name', 'Model', { default: 'gemini-1.5-pro', formerNames: ['model'] }),
    temperatureField(0.1),
    wholeField('max_output_tokens', 'Max Output Tokens'),
    decimalField('top_p', 'Top P'),
    wholeField('top_k', 'Top K', { advanced: true }),
  ],
  ignoredFields: ['n'],
});
