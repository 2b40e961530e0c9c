import type { ComponentSpec } from '@causeway/dag';
import { choiceField, flagField, portField, valueOutput } from '../field.js';

/** One value type made from another. */
export const typeConverterSpec: ComponentSpec = {
  type: 'TypeConverterComponent',
  aliases: ['TypeConverter', 'Type Convert'],
  displayName: 'Type Convert',
  description: 'Makes a Message, Data or Table from any of them.',
  category: 'processing',
  icon: 'repeat',
  role: 'plain',
  effects: 'none',
  fields: [
    portField('input_data', 'Input', ['Message', 'Data', 'JSON', 'DataFrame', 'Table'], { required: true }),
    flagField('auto_parse', 'Auto Parse', { advanced: true, info: 'Reads JSON or CSV from a text.' }),
    choiceField('output_type', 'Output Type', ['Message', 'Data', 'JSON', 'DataFrame', 'Table'], {
      type: 'tab',
    }),
  ],
  outputs: [
    valueOutput('message_output', 'Message Output', ['Message'], 'convert_to_message'),
    valueOutput('data_output', 'JSON Output', ['Data', 'JSON'], 'convert_to_data'),
    valueOutput('dataframe_output', 'Table Output', ['DataFrame', 'Table'], 'convert_to_dataframe'),
  ],
};
