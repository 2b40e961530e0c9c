import type { ComponentSpec, FieldSpec } from '@causeway/dag';
import { flagField, plainField, textField, wholeField } from '../field.js';
import { commonModelFields, decimalField, providerModelSpec } from './model-fields.js';

const kwargsField: FieldSpec = {
  name: 'model_kwargs',
  displayName: 'Model Kwargs',
  type: 'dict',
  default: {},
  advanced: true,
};
const seedField = wholeField('seed', 'Seed', { default: 1, advanced: true });
const extraFields = [kwargsField, flagField('json_mode', 'JSON Mode', { advanced: true }), seedField];

/** Groq, with OpenAI's protocol. */
export const groqModelSpec: ComponentSpec = providerModelSpec({
  type: 'GroqModel',
  aliases: [],
  displayName: 'Groq',
  fields: [
    ...commonModelFields('Groq API Key', '', { key: 'groq_api_key' }),
    textField('base_url', 'Groq API Base', {
      default: 'https://api.groq.com',
      advanced: true,
      formerNames: ['groq_api_base'],
    }),
  ],
  ignoredFields: ['n'],
});

/** OpenRouter, with OpenAI's protocol. */
export const openrouterModelSpec: ComponentSpec = providerModelSpec({
  type: 'OpenRouterComponent',
  aliases: ['OpenRouterModel'],
  displayName: 'OpenRouter',
  fields: [
    ...commonModelFields('API Key', '', { temperature: 0.7 }),
    plainField('site_url', 'Site URL', { advanced: true }),
    plainField('app_name', 'App Name', { advanced: true }),
  ],
  // The maker of the model, by which versions up to 1.7 sort their list.
  ignoredFields: ['provider'],
});

/** Mistral, with OpenAI's protocol. */
export const mistralModelSpec: ComponentSpec = providerModelSpec({
  type: 'MistralModel',
  aliases: ['MistralAIModelComponent', 'MistalAIModelComponent'],
  displayName: 'MistralAI',
  fields: [
    ...commonModelFields('Mistral API Key', 'codestral-latest', { key: 'mistral_api_key' }),
    plainField('mistral_api_base', 'Mistral API Base', { advanced: true }),
    wholeField('max_retries', 'Max Retries', {
      default: 5,
      advanced: true,
      info: 'At most 2 retries are made.',
    }),
    wholeField('timeout', 'Timeout', { default: 60, advanced: true }),
    decimalField('top_p', 'Top P', 1),
  ],
  ignoredFields: ['max_concurrent_requests', 'random_seed', 'safe_mode'],
});

/** Models on an LM Studio server, with OpenAI's protocol. */
export const lmstudioModelSpec: ComponentSpec = providerModelSpec({
  type: 'LMStudioModel',
  aliases: ['LMStudioModelComponent'],
  displayName: 'LM Studio',
  icon: 'LMStudio',
  fields: [
    ...commonModelFields('LM Studio API Key', ''),
    plainField('base_url', 'Base URL', { default: 'http://localhost:1234/v1' }),
    kwargsField,
    seedField,
  ],
});

/** DeepSeek, with OpenAI's protocol. */
export const deepseekModelSpec: ComponentSpec = providerModelSpec({
  type: 'DeepSeekModelComponent',
  aliases: ['DeepSeekModel'],
  displayName: 'DeepSeek',
  fields: [
    ...commonModelFields('DeepSeek API Key', 'deepseek-chat', { temperature: 1 }),
    plainField('api_base', 'DeepSeek API Base', { default: 'https://api.deepseek.com', advanced: true }),
    ...extraFields,
  ],
});

/** xAI, with OpenAI's protocol. */
export const xaiModelSpec: ComponentSpec = providerModelSpec({
  type: 'xAIModel',
  aliases: ['XAIModelComponent'],
  displayName: 'xAI',
  fields: [
    ...commonModelFields('xAI API Key', ''),
    textField('base_url', 'xAI API Base', { default: 'https://api.x.ai/v1', advanced: true }),
    ...extraFields,
  ],
});

/** NVIDIA's hosted models and NIM servers, with OpenAI's protocol. */
export const nvidiaModelSpec: ComponentSpec = providerModelSpec({
  type: 'NVIDIAModelComponent',
  aliases: ['NVIDIAModel'],
  displayName: 'NVIDIA',
  fields: [
    ...commonModelFields('NVIDIA API Key', '', { key: 'nvidia_api_key' }),
    textField('base_url', 'NVIDIA Base URL', { default: 'https://integrate.api.nvidia.com/v1' }),
    seedField,
  ],
  ignoredFields: ['detailed_thinking'],
});

/** Perplexity, with OpenAI's protocol. */
export const perplexityModelSpec: ComponentSpec = providerModelSpec({
  type: 'PerplexityModel',
  aliases: ['PerplexityComponent'],
  displayName: 'Perplexity',
  fields: [
    ...commonModelFields('Perplexity API Key', '', { temperature: 0.75, maxTokens: 'max_output_tokens' }),
    decimalField('top_p', 'Top P'),
  ],
  ignoredFields: ['n', 'top_k'],
});

/** Novita AI, with OpenAI's protocol. */
export const novitaModelSpec: ComponentSpec = providerModelSpec({
  type: 'NovitaModel',
  aliases: ['NovitaModelComponent'],
  displayName: 'Novita AI',
  icon: 'Novita',
  fields: [...commonModelFields('Novita API Key', ''), ...extraFields],
});

/** SambaNova, with OpenAI's protocol. */
export const sambanovaModelSpec: ComponentSpec = providerModelSpec({
  type: 'SambaNovaModel',
  aliases: ['SambaNovaComponent'],
  displayName: 'SambaNova',
  fields: [
    ...commonModelFields('SambaNova API Key', '', { key: 'sambanova_api_key' }),
    plainField('base_url', 'SambaNova Cloud Base URL', { advanced: true, formerNames: ['sambanova_url'] }),
    decimalField('top_p', 'Top P', 1),
  ],
});

/** CometAPI, with OpenAI's protocol. */
export const cometapiModelSpec: ComponentSpec = providerModelSpec({
  type: 'CometAPIModel',
  aliases: ['CometAPIComponent'],
  displayName: 'CometAPI',
  fields: [
    ...commonModelFields('CometAPI Key', '', { temperature: 0.7 }),
    plainField('app_name', 'App Name', { advanced: true }),
    ...extraFields,
  ],
});

/** AI/ML API, with OpenAI's protocol. */
export const aimlModelSpec: ComponentSpec = providerModelSpec({
  type: 'AIMLModel',
  aliases: ['AIMLModelComponent'],
  displayName: 'AI/ML API',
  icon: 'AIML',
  fields: [
    ...commonModelFields('AI/ML API Key', '', { key: 'aiml_api_key' }),
    plainField('aiml_api_base', 'AI/ML API Base', { advanced: true }),
    kwargsField,
    // Nodes of 1.0 only.
    wholeField('seed', 'Seed', { advanced: true }),
    decimalField('top_p', 'Top P'),
    textField('stop_tokens', 'Stop Tokens', { advanced: true }),
  ],
  ignoredFields: ['top_k', 'repeat_penalty'],
});

/** Models on a vLLM server, with OpenAI's protocol. */
export const vllmModelSpec: ComponentSpec = providerModelSpec({
  type: 'vLLMModel',
  aliases: ['VllmComponent'],
  displayName: 'vLLM',
  fields: [
    ...commonModelFields('API Key', ''),
    plainField('api_base', 'vLLM API Base', { default: 'http://localhost:8000/v1' }),
    wholeField('max_retries', 'Max Retries', {
      default: -1,
      advanced: true,
      info: 'At most 2 retries are made.',
    }),
    wholeField('timeout', 'Timeout', { default: -1, advanced: true }),
    ...extraFields,
  ],
});

/** Models behind a LiteLLM proxy, with OpenAI's protocol. */
export const litellmModelSpec: ComponentSpec = providerModelSpec({
  type: 'LiteLLMProxyModel',
  aliases: ['LiteLLMProxyComponent'],
  displayName: 'LiteLLM Proxy',
  icon: 'LiteLLM',
  fields: [
    ...commonModelFields('Virtual Key', '', { temperature: 0.7 }),
    plainField('api_base', 'LiteLLM Proxy URL', { default: 'http://localhost:4000/v1' }),
    wholeField('max_retries', 'Max Retries', {
      default: 2,
      advanced: true,
      info: 'At most 2 retries are made.',
    }),
    wholeField('timeout', 'Timeout', { default: 60, advanced: true }),
  ],
});
