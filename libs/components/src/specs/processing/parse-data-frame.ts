import type { ComponentSpec } from '@causeway/dag';
import { plainField, portField, textField, valueOutput } from '../field.js';

/** The Parser of older flows, for tables. */
export const parseDataFrameSpec: ComponentSpec = {
  type: 'ParseDataFrame',
  aliases: ['ParseDataFrameComponent'],
  displayName: 'Parse DataFrame',
  description: 'Writes each row of a Table as text by a template. The Parser does the same and more.',
  category: 'processing',
  icon: 'braces',
  role: 'plain',
  effects: 'none',
  fields: [
    portField('df', 'Table', ['DataFrame', 'Table'], { required: true }),
    textField('template', 'Template', { default: '{text}' }),
    plainField('sep', 'Separator', { default: '\n', advanced: true }),
  ],
  outputs: [valueOutput('text', 'Text', ['Message'], 'parse_data')],
};
