import type { ComponentSpec } from '@causeway/dag';
import { textField, valueOutput } from '../field.js';

/** Sends a message on, unchanged. */
export const passSpec: ComponentSpec = {
  type: 'Pass',
  aliases: ['PassMessageComponent', 'PassMessage'],
  displayName: 'Pass',
  description: 'Sends a message on, unchanged.',
  category: 'flow_controls',
  icon: 'arrow-right',
  role: 'plain',
  effects: 'none',
  fields: [
    textField('input_message', 'Input Message', { required: true }),
    textField('ignored_message', 'Ignored Message', {
      advanced: true,
      info: 'The node waits for it, but does not use it.',
    }),
  ],
  outputs: [valueOutput('output_message', 'Output Message', ['Message'], 'pass_message')],
};
