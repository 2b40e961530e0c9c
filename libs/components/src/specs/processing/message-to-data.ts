import type { ComponentSpec } from '@causeway/dag';
import { textField, valueOutput } from '../field.js';

/** The Type Convert of older flows, from Message to Data. */
export const messageToDataSpec: ComponentSpec = {
  type: 'MessagetoData',
  aliases: ['MessageToData', 'MessageToDataComponent'],
  displayName: 'Message to Data',
  description: 'Makes Data from a Message. Type Convert does the same and more.',
  category: 'processing',
  icon: 'message-square-share',
  role: 'plain',
  effects: 'none',
  fields: [textField('message', 'Message')],
  outputs: [valueOutput('data', 'JSON', ['Data', 'JSON'], 'convert_message_to_data')],
};
