import type { ComponentSpec } from '@causeway/dag';
import { textField, valueOutput } from '../field.js';

/** A text of the request, or one that is set on the node. */
export const textInputSpec: ComponentSpec = {
  type: 'TextInput',
  aliases: ['TextInputComponent'],
  displayName: 'Text Input',
  description: 'Takes a text of the request.',
  category: 'input_output',
  icon: 'type',
  role: 'input',
  effects: 'none',
  fields: [textField('input_value', 'Text')],
  outputs: [valueOutput('text', 'Output Text', ['Message'], 'text_response')],
  ignoredFields: ['use_global_variable', 'record_template', 'data_template'],
};
