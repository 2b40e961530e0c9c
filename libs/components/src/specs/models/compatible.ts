import type { ComponentSpec } from '@causeway/dag';
import { plainField, textField, wholeField } from '../field.js';
import { commonModelFields, decimalField, providerModelSpec } from './model-fields.js';

/** Groq, which speaks OpenAI's protocol. */
export const groqModelSpec: ComponentSpec = providerModelSpec({
  type: 'GroqModel',
  aliases: [],
  displayName: 'Groq',
  fields: [
    ...commonModelFields('Groq API Key', ''),
    textField('base_url', 'Groq API Base', { default: 'https://api.groq.com', advanced: true }),
  ],
  ignoredFields: ['n', 'groq_api_base'],
});

/** OpenRouter, which speaks OpenAI's protocol. */
export const openrouterModelSpec: ComponentSpec = providerModelSpec({
  type: 'OpenRouterComponent',
  aliases: ['OpenRouterModel'],
  displayName: 'OpenRouter',
  fields: [
    ...commonModelFields('API Key', '', 0.7),
    plainField('site_url', 'Site URL', { advanced: true }),
    plainField('app_name', 'App Name', { advanced: true }),
  ],
});

/** Mistral, which speaks OpenAI's protocol. */
export const mistralModelSpec: ComponentSpec = providerModelSpec({
  type: 'MistralModel',
  aliases: ['MistralAIModelComponent', 'MistalAIModelComponent'],
  displayName: 'MistralAI',
  fields: [
    ...commonModelFields('Mistral API Key', 'codestral-latest'),
    plainField('mistral_api_base', 'Mistral API Base', { advanced: true }),
    wholeField('max_retries', 'Max Retries', { default: 5, advanced: true, info: 'At most 2 are made.' }),
    wholeField('timeout', 'Timeout', { default: 60, advanced: true }),
    decimalField('top_p', 'Top P', 1),
  ],
  ignoredFields: ['max_concurrent_requests', 'random_seed', 'safe_mode'],
});

/** Models on an LM Studio server, which speaks OpenAI's protocol. */
export const lmstudioModelSpec: ComponentSpec = providerModelSpec({
  type: 'LMStudioModel',
  aliases: ['LMStudioModelComponent'],
  displayName: 'LM Studio',
  icon: 'LMStudio',
  fields: [
    ...commonModelFields('LM Studio API Key', ''),
    plainField('base_url', 'Base URL', { default: 'http://localhost:1234/v1' }),
    { name: 'model_kwargs', displayName: 'Model Kwargs', type: 'dict', default: {}, advanced: true },
    wholeField('seed', 'Seed', { default: 1, advanced: true }),
  ],
});
