import type { ComponentSpec } from '@causeway/dag';
import { textField, valueOutput } from '../field.js';

/** A text that the run answers with, without history. */
export const textOutputSpec: ComponentSpec = {
  type: 'TextOutput',
  aliases: ['TextOutputComponent'],
  displayName: 'Text Output',
  description: 'Makes a text the answer of the run.',
  category: 'input_output',
  icon: 'type',
  role: 'output',
  effects: 'none',
  fields: [textField('input_value', 'Inputs')],
  outputs: [valueOutput('text', 'Output Text', ['Message'], 'text_response')],
  ignoredFields: ['record_template', 'data_template'],
};
