import type { ComponentSpec } from '@causeway/dag';
import {
  choiceField,
  plainField,
  secretField,
  tableField,
  textField,
  valueOutput,
  wholeField,
} from '../field.js';
import { decimalField, modelOutputs, providerModelSpec, temperatureField } from './model-fields.js';

/** Models on an Ollama server. */
export const ollamaModelSpec: ComponentSpec = providerModelSpec({
  type: 'OllamaModel',
  aliases: ['ChatOllamaComponent'],
  displayName: 'Ollama',
  fields: [
    textField('base_url', 'Ollama API URL', { default: 'http://localhost:11434' }),
    plainField('model_name', 'Model Name', { formerNames: ['model'] }),
    secretField('api_key', 'Ollama API Key', { advanced: true }),
    temperatureField(0.1),
    tableField('format', 'Format', {
      inputTypes: ['DataFrame', 'Table'],
      info: 'Columns of the answer when it must be JSON; or the word json.',
    }),
    {
      name: 'enable_structured_output',
      displayName: 'Enable Structured Output',
      type: 'bool',
      default: false,
    },
    choiceField('mirostat', 'Mirostat', ['Disabled', 'Mirostat', 'Mirostat 2.0'], { advanced: true }),
    decimalField('mirostat_eta', 'Mirostat Eta'),
    decimalField('mirostat_tau', 'Mirostat Tau'),
    wholeField('num_ctx', 'Context Window Size', { advanced: true }),
    wholeField('num_gpu', 'Number of GPUs', { advanced: true }),
    wholeField('num_thread', 'Number of Threads', { advanced: true }),
    wholeField('repeat_last_n', 'Repeat Last N', { advanced: true }),
    decimalField('repeat_penalty', 'Repeat Penalty'),
    decimalField('tfs_z', 'TFS Z'),
    wholeField('top_k', 'Top K', { advanced: true }),
    decimalField('top_p', 'Top P'),
    textField('stop_tokens', 'Stop Tokens', { advanced: true, info: 'Separated by commas.' }),
    textField('system', 'System', { advanced: true }),
    wholeField('timeout', 'Timeout', { advanced: true, info: 'Seconds without data from the server.' }),
  ],
  outputs: [
    ...modelOutputs,
    valueOutput('data_output', 'JSON', ['Data', 'JSON'], 'build_data_output'),
    valueOutput('dataframe_output', 'Table', ['DataFrame', 'Table'], 'build_dataframe_output'),
  ],
  ignoredFields: [
    'metadata',
    'tags',
    'template',
    'enable_verbose_output',
    'keep_alive',
    'keep_alive_flag',
    'headers',
  ],
});
