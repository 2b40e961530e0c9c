import type { ComponentSpec } from '@causeway/dag';
import { plainField, portField, textField, valueOutput } from '../field.js';

/** The Parser of older flows. */
export const parseDataSpec: ComponentSpec = {
  type: 'ParseData',
  aliases: ['ParseDataComponent'],
  displayName: 'Data to Message',
  description: 'Writes each Data as text by a template. The Parser does the same and more.',
  category: 'processing',
  icon: 'message-square',
  role: 'plain',
  effects: 'none',
  fields: [
    portField('data', 'Data', ['Data', 'JSON'], { list: true, required: true }),
    textField('template', 'Template', { default: '{text}' }),
    plainField('sep', 'Separator', { default: '\n', advanced: true }),
  ],
  outputs: [
    valueOutput('text', 'Message', ['Message'], 'parse_data'),
    valueOutput('data_list', 'Data List', ['Data', 'JSON'], 'parse_data_as_list'),
  ],
};
