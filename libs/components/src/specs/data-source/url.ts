import type { ComponentSpec } from '@causeway/dag';
import {
  choiceField,
  flagField,
  plainField,
  tableField,
  textField,
  valueOutput,
  wholeField,
} from '../field.js';

/** Web pages, and the pages that they link to. */
export const urlSpec: ComponentSpec = {
  type: 'URLComponent',
  aliases: ['URL'],
  displayName: 'URL',
  description: 'Fetch content from one or more web pages, following links recursively.',
  category: 'data_source',
  icon: 'layout-template',
  role: 'plain',
  effects: 'none',
  fields: [
    textField('urls', 'URLs', {
      list: true,
      toolMode: true,
      info: "Enter one or more URLs to crawl recursively, by clicking the '+' button.",
    }),
    wholeField('max_depth', 'Depth', {
      type: 'slider',
      default: 1,
      info: '1 is only the page itself; at most 5.',
    }),
    flagField('prevent_outside', 'Prevent Outside', { default: true, advanced: true }),
    flagField('use_async', 'Use Async', { default: true, advanced: true }),
    choiceField('format', 'Output Format', ['Text', 'HTML', 'Markdown', 'Raw HTML'], { advanced: true }),
    wholeField('timeout', 'Timeout', { default: 30, advanced: true, info: 'Seconds, for each page.' }),
    tableField('headers', 'Headers', {
      inputTypes: ['DataFrame', 'Table'],
      advanced: true,
      secretCells: true,
      default: [{ key: 'User-Agent', value: 'Causeway/0.1' }],
    }),
    flagField('filter_text_html', 'Filter Text/HTML', { default: true, advanced: true }),
    flagField('continue_on_failure', 'Continue on Failure', { default: true, advanced: true }),
    flagField('check_response_status', 'Check Response Status', { advanced: true }),
    flagField('follow_redirects', 'Follow Redirects', { default: true, advanced: true }),
    flagField('autoset_encoding', 'Autoset Encoding', { default: true, advanced: true }),
    plainField('separator', 'Separator', { default: '\n\n', advanced: true, info: 'Used by older flows.' }),
  ],
  outputs: [
    valueOutput('page_results', 'Extracted Pages', ['DataFrame', 'Table'], 'fetch_content'),
    valueOutput('raw_results', 'Raw Content', ['Message'], 'fetch_content_as_message', { toolMode: false }),
    valueOutput('data', 'Data', ['Data', 'JSON'], 'fetch_content', { toolMode: false }),
    valueOutput('text', 'Message', ['Message'], 'fetch_content_text', { toolMode: false }),
    valueOutput('dataframe', 'Table', ['DataFrame', 'Table'], 'as_dataframe', { toolMode: false }),
  ],
};
