import type { ComponentSpec } from '@causeway/dag';
import { plainField, secretField, textField, wholeField } from '../field.js';
import {
  ignoredModelFields,
  modelField,
  modelOutputs,
  promptFields,
  temperatureField,
} from '../models/model-fields.js';

/** Calls a model of any provider, or gives it to another node. */
export const languageModelSpec: ComponentSpec = {
  type: 'LanguageModelComponent',
  aliases: ['LanguageModel'],
  displayName: 'Language Model',
  description: 'Runs a language model given a specified provider.',
  category: 'models_and_agents',
  icon: 'brain-circuit',
  role: 'plain',
  effects: 'none',
  fields: [
    modelField({ required: true }),
    plainField('provider', 'Provider', { advanced: true }),
    plainField('model_name', 'Model Name', { advanced: true }),
    secretField('api_key', 'API Key', { advanced: true }),
    ...promptFields,
    temperatureField(0.1),
    wholeField('max_tokens', 'Max Tokens', { advanced: true }),
    textField('ollama_base_url', 'Ollama API URL'),
  ],
  outputs: modelOutputs,
  ignoredFields: ignoredModelFields,
};
