import type { ComponentSpec } from '@causeway/dag';
import { choiceField, flagField, portField, textField, valueOutput } from '../field.js';

/** A message that the run answers with. */
export const chatOutputSpec: ComponentSpec = {
  type: 'ChatOutput',
  aliases: [],
  displayName: 'Chat Output',
  description: 'Shows a message and makes it the answer of the run.',
  category: 'input_output',
  icon: 'MessagesSquare',
  role: 'output',
  effects: 'none',
  fields: [
    portField('input_value', 'Inputs', ['Data', 'JSON', 'DataFrame', 'Table', 'Message'], { required: true }),
    flagField('should_store_message', 'Store Messages', {
      default: true,
      advanced: true,
      formerNames: ['store_message'],
    }),
    choiceField('sender', 'Sender Type', ['Machine', 'User'], { advanced: true }),
    textField('sender_name', 'Sender Name', { default: 'AI', advanced: true }),
    textField('session_id', 'Session ID', { advanced: true }),
    textField('context_id', 'Context ID', { advanced: true }),
    textField('data_template', 'Data Template', { default: '{text}', advanced: true }),
    flagField('clean_data', 'Basic Clean Data', { default: true, advanced: true }),
    textField('background_color', 'Background Color', { advanced: true }),
    textField('chat_icon', 'Icon', { advanced: true }),
    textField('text_color', 'Text Color', { advanced: true }),
  ],
  outputs: [valueOutput('message', 'Output Message', ['Message'], 'message_response')],
  ignoredFields: ['return_record', 'record_template'],
};
