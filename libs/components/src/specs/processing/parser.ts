import type { ComponentSpec } from '@causeway/dag';
import { choiceField, flagField, portField, textField, valueOutput } from '../field.js';

/** Data or a table, written as text by a template or as it is. */
export const parserSpec: ComponentSpec = {
  type: 'ParserComponent',
  aliases: ['parser', 'Parser'],
  displayName: 'Parser',
  description: 'Writes Data or a Table as text, by a template or as it is.',
  category: 'processing',
  icon: 'braces',
  role: 'plain',
  effects: 'none',
  fields: [
    portField('input_data', 'JSON or Table', ['DataFrame', 'Table', 'Data', 'JSON'], { required: true }),
    choiceField('mode', 'Mode', ['Parser', 'Stringify'], { type: 'tab' }),
    textField('pattern', 'Template', { default: 'Text: {text}' }),
    textField('sep', 'Separator', { default: '\n', advanced: true }),
    flagField('clean_data', 'Clean Data', { advanced: true }),
  ],
  outputs: [valueOutput('parsed_text', 'Parsed Text', ['Message'], 'parse_combined_text')],
};
