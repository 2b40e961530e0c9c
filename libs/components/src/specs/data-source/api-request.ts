import type { ComponentSpec } from '@causeway/dag';
import { choiceField, flagField, tableField, textField, valueOutput, wholeField } from '../field.js';

/** One HTTP request. Its call is a step of its own, so a resumed run does not make it again. */
export const apiRequestSpec: ComponentSpec = {
  type: 'APIRequest',
  aliases: ['APIRequestComponent'],
  displayName: 'API Request',
  description: 'Make HTTP requests using URL or cURL commands.',
  category: 'data_source',
  icon: 'Globe',
  role: 'plain',
  effects: 'keyed',
  fields: [
    textField('url_input', 'URL', { toolMode: true, info: 'Enter the URL for the request.' }),
    textField('urls', 'URLs', { list: true, advanced: true, info: 'Used by older flows.' }),
    textField('curl_input', 'cURL', {
      advanced: true,
      toolMode: true,
      info: 'A curl command; in mode cURL the fields are filled from it.',
    }),
    textField('curl', 'cURL', { advanced: true, info: 'Used by older flows.' }),
    choiceField('mode', 'Mode', ['URL', 'cURL'], { type: 'tab' }),
    flagField('use_curl', 'Use cURL', { advanced: true, info: 'Used by older flows.' }),
    choiceField('method', 'Method', ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD']),
    {
      name: 'query_params',
      displayName: 'Query Parameters',
      type: 'other',
      inputTypes: ['Data', 'JSON'],
      advanced: true,
    },
    tableField('body', 'Body', { inputTypes: ['Data', 'JSON'], advanced: true, secretCells: true }),
    tableField('headers', 'Headers', {
      inputTypes: ['Data', 'JSON'],
      advanced: true,
      secretCells: true,
      default: [{ key: 'User-Agent', value: 'Causeway/0.1' }],
    }),
    wholeField('timeout', 'Timeout', { default: 30, advanced: true, info: 'Seconds.' }),
    flagField('follow_redirects', 'Follow Redirects', { advanced: true }),
    flagField('save_to_file', 'Save to File', { advanced: true }),
    flagField('include_httpx_metadata', 'Include HTTPx Metadata', { advanced: true }),
  ],
  outputs: [
    valueOutput('data', 'API Response', ['Data', 'JSON'], 'make_api_request'),
    valueOutput('dataframe', 'Table', ['DataFrame', 'Table'], 'as_dataframe', { toolMode: false }),
  ],
};
